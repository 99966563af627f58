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
}
