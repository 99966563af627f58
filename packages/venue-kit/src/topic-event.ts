/** One event of a topic. Shared by all streams of that topic, so treat it as read-only. */
export interface TopicEvent<T> {
  readonly topic: string;
  /** The venue's payload. */
  readonly data: T;
  /**
   * Which session of the connection brought it: a new one begins with every reconnect, and with every planned renewal. Never falls. Only
   * `gaps` tells whether anything was lost in between.
   */
  readonly epoch: number;
  /** 1 for the topic's first event, then +1: a hole is exactly what this stream's own policy discarded. */
  readonly seq: number;
  /** When the socket handed it over ({@link Timer.now} milliseconds). */
  readonly receivedAt: number;
  /** The topic's gaps so far, those directly before this event included. If it moved, events are missing: see the gap records. */
  readonly gaps: number;
}
