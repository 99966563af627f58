/**
 * A limit over every window of `windowMs`, wherever it starts: at most `max` events in any [t, t +
 * windowMs). It remembers the times of the last `max` events; another may happen once the oldest of
 * them has left the window. A token bucket with the same figures lets nearly twice as many through
 * at the start, which trips the venues' own rolling limits.
 */
export class RollingWindow {
  /**
   * Milliseconds that are added to the window: what leaves evenly can arrive bunched, and the
   * peer counts arrivals. May change at any time.
   */
  slackMs: number;
  readonly #windowMs: number;
  readonly #times: Float64Array;
  /** Slot of the oldest remembered event, which the next one overwrites. */
  #oldest = 0;

  /**
   * @param max events allowed in a window; a whole number >= 1
   * @param windowMs length of the window in milliseconds; > 0
   * @param slackMs see {@link slackMs}; default 0
   */
  constructor(max: number, windowMs: number, slackMs = 0) {
    this.#windowMs = windowMs;
    this.slackMs = slackMs;
    this.#times = new Float64Array(max).fill(Number.NEGATIVE_INFINITY);
  }

  /** The length of the window with its slack, in milliseconds. */
  get spanMs(): number {
    return this.#windowMs + this.slackMs;
  }

  /**
   * The earliest time at which another event keeps the limit; in the past when it may happen now.
   */
  get readyAt(): number {
    return (this.#times[this.#oldest] as number) + this.spanMs;
  }

  /** Whether an event at `now` keeps the limit. */
  isReady(now: number): boolean {
    return now >= this.readyAt;
  }

  /** Whether two events at `now` keep the limit. */
  hasTwoFree(now: number): boolean {
    const second = this.#next(this.#oldest);
    return second !== this.#oldest && now >= (this.#times[second] as number) + this.spanMs;
  }

  /**
   * Records an event. Also one that could not wait (a pong): the limit then holds back those that
   * can.
   */
  charge(now: number): void {
    this.#times[this.#oldest] = now;
    this.#oldest = this.#next(this.#oldest);
  }

  #next(slot: number): number {
    return slot + 1 === this.#times.length ? 0 : slot + 1;
  }
}
