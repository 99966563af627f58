/** One event of a topic. Shared by all streams of that topic, so treat it as read-only. */
export interface TopicEvent<T> {
  readonly topic: string;
  /** The venue's payload. */
  readonly data: T;
  /**
   * Which session of the connection brought it: a new one begins with every reconnect, and with
   * every planned renewal. Never falls. Only `gaps` tells whether anything was lost in between.
   */
  readonly epoch: number;
  /**
   * 1 for the topic's first event, then +1: a hole is exactly what this stream's own policy
   * discarded.
   */
  readonly seq: number;
  /** When the socket handed it over ({@link Timer.now} milliseconds). */
  readonly receivedAt: number;
  /**
   * Whether the connection that brought it stood when it was passed to its readers; decided once,
   * and not changed while it waits for them. An event that is not current is true, and says nothing
   * about now: its topic is not live because of it. During a planned renewal both connections are
   * current.
   */
  readonly isCurrent: boolean;
  /**
   * The topic's gaps so far, those directly before this event included. If it moved, events are
   * missing: see the gap records.
   */
  readonly gaps: number;
  /**
   * Whether it did not come as a live event in its turn: a backfill brought it, or it came after
   * its place was given up. Its ids may then be lower than those of the event before. Only readers
   * that fill gaps or join lines state it.
   */
  readonly backfilled?: boolean;
}
