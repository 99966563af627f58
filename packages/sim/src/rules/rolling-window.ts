/**
 * At most `max` events in any window of `windowMs`, wherever the window starts: what the venue
 * enforces, and what a token bucket does not. Remembers the last `max` events only, so a client
 * that floods costs no memory.
 */
export class RollingWindow {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #times: number[] = [];

  /** `slackMs`: how much shorter the window is taken, for clients whose timing is not exact. */
  constructor(max: number, windowMs: number, slackMs = 0) {
    this.#max = max;
    this.#windowMs = Math.max(0, windowMs - slackMs);
  }

  /**
   * Counts one event at `now` and says whether the limit still holds. An event over the limit
   * counts too.
   */
  admit(now: number): boolean {
    this.#times.push(now);
    if (this.#times.length <= this.#max) return true;
    const oldest = this.#times.shift() ?? now;
    return now - oldest >= this.#windowMs;
  }

  /** Milliseconds until one more event would be admitted; 0 if it would be now. */
  waitMs(now: number): number {
    if (this.#times.length < this.#max) return 0;
    return Math.max(0, (this.#times[0] ?? now) + this.#windowMs - now);
  }

  /** Events inside the window now (capped at the limit, since older ones are forgotten). */
  count(now: number): number {
    return this.#times.filter((time) => now - time < this.#windowMs).length;
  }
}
