/**
 * A limit over every window of `windowMs`, wherever it starts: at most `max` events in any [t, t +
 * windowMs). It remembers the times of the last `max` events; another may happen once the oldest of
 * them has left the window. A token bucket with the same figures lets nearly twice as many through
 * at the start, which trips the venues' own rolling limits.
 */
export class RollingWindow {
  readonly #windowMs: number;
  readonly #times: Float64Array;
  /** Slot of the oldest remembered event, which the next one overwrites. */
  #oldest = 0;

  /**
   * @param max events allowed in a window; a whole number >= 1
   * @param windowMs length of the window in milliseconds; > 0
   */
  constructor(max: number, windowMs: number) {
    this.#windowMs = windowMs;
    this.#times = new Float64Array(max).fill(Number.NEGATIVE_INFINITY);
  }

  /**
   * The earliest time at which another event keeps the limit; in the past when it may happen now.
   */
  get readyAt(): number {
    return (this.#times[this.#oldest] as number) + this.#windowMs;
  }

  /** Whether an event at `now` keeps the limit. */
  isReady(now: number): boolean {
    return now >= this.readyAt;
  }

  /**
   * Records an event. Also one that could not wait (a pong): the limit then holds back those that
   * can.
   */
  charge(now: number): void {
    this.#times[this.#oldest] = now;
    this.#oldest = this.#oldest + 1 === this.#times.length ? 0 : this.#oldest + 1;
  }
}
