/**
 * Says when one more message may be sent. Give the same one to all connections and adapters that
 * the venue counts together. Pure bookkeeping: the sender asks {@link waitMs}, waits, and says when
 * it sends. `RollingLimit` is one.
 */
export interface SendLimiter {
  /** Milliseconds from `now` until one more message may be sent; 0 when it may be sent now. */
  waitMs(now: number): number;
  /** A message is sent at `now`. */
  spend(now: number): void;
  /**
   * The venue said at `now` that a message came too fast (`Inbox.later`), and perhaps how
   * many milliseconds it wants to be left alone for. Default: nothing is done.
   */
  refused?(now: number, statedMs?: number): void;
  /** The venue has carried something out. Default: nothing is done. */
  accepted?(): void;
}
