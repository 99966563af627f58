/** When a connection is replaced before the venue ends it. */
export interface RenewalOptions {
  /**
   * Age at which the replacement begins, in milliseconds; up to a tenth earlier, so that many do
   * not come together.
   */
  readonly afterMs: number;
  /**
   * How long the new connection may take until it is subscribed and delivers, in milliseconds; then
   * the old one is kept.
   */
  readonly timeoutMs: number;
  /** How long a complete but silent new connection is waited for, in milliseconds. */
  readonly quietMs: number;
  /** How long both deliver before the old one is closed, in milliseconds. */
  readonly overlapMs: number;
  /**
   * The pause after a failure, in milliseconds: drawn from its upper half, and twice as long after
   * each further failure, up to 16 times.
   */
  readonly retryMs: number;
}
