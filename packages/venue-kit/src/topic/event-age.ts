import type { WsError } from "@oath-ws/contract";

/** How old an event is, by two clocks. */
export interface EventAge {
  /**
   * Milliseconds since it arrived here, time in which the machine slept included. It does not count
   * what the event took to arrive.
   */
  readonly oursMs: number;
  /**
   * Milliseconds since the venue stamped it, by our clock after {@link offsetMs} was taken off. The
   * true age is greater by at most the time that the fastest event of the last 5 minutes travelled,
   * which no one-way measurement can tell from an offset. So an event that took 400 ms longer than
   * the fastest one shows 400 ms more. `undefined` when the event has no time of the venue.
   */
  readonly venueMs: number | undefined;
  /**
   * How far our wall clock is ahead of the venue's, in milliseconds, as far as the topic's events
   * tell: the smallest difference in the last 5 minutes between arrival and the venue's time. It is
   * too large by the travelling time of the fastest of them, and not too small. `undefined` before
   * the first event with a time of the venue.
   */
  readonly offsetMs: number | undefined;
}

/** What is remembered of the event that a reader was handed last. */
export interface HandedEvent {
  /** When it arrived, in elapsed milliseconds; `NaN` before the first. */
  arrivedAt: number;
  /** The venue's time of it, in Unix milliseconds; `NaN` where it has none. */
  venueMs: number;
  epoch: number;
  isCurrent: boolean;
}

/** Nothing was handed out yet. */
export function nothingHanded(): HandedEvent {
  return { arrivedAt: Number.NaN, venueMs: Number.NaN, epoch: 0, isCurrent: false };
}

/** Overwrites one with the other: nothing is allocated per event. */
export function copyHanded(from: Readonly<HandedEvent>, to: HandedEvent): void {
  to.arrivedAt = from.arrivedAt;
  to.venueMs = from.venueMs;
  to.epoch = from.epoch;
  to.isCurrent = from.isCurrent;
}

/** Follows a stream: it is told in the turn of the stream's writer, and must not throw. */
export interface StreamListener {
  /** An event waits, or replaced one that waited. */
  pushed(): void;
  /** Nothing follows; what waits can still be read. */
  ended(error: WsError | undefined): void;
}
