/**
 * Says when one more message may be sent. Give the same one to all connections and adapters that
 * the venue counts together. Pure bookkeeping: the sender asks {@link waitMs}, waits, and says when
 * a message begins to leave and when it has left. `RollingLimit` is one.
 */
export interface SendLimiter {
  /** Milliseconds from `now` until one more message may be sent; 0 when it may be sent now. */
  waitMs(now: number): number;
  /**
   * A message is handed to a connection, whose socket may take it at any time from `now` on.
   * {@link left} follows, once.
   */
  hold(now: number): void;
  /**
   * The operating system has such a message at `now`, or will never have it: it counts from now.
   */
  left(now: number): void;
  /**
   * The venue said at `now` that a message came too fast (`Inbox.later`), and perhaps how
   * many milliseconds it wants to be left alone for. Default: nothing is done.
   */
  refused?(now: number, statedMs?: number): void;
  /** The venue has carried something out. Default: nothing is done. */
  accepted?(): void;
}
