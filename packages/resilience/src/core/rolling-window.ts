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
  /** Events that have begun, and whose time is not known yet. */
  #held = 0;

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

  /** Events that {@link hold} a slot. */
  get held(): number {
    return this.#held;
  }

  /**
   * The earliest time at which another event keeps the limit; in the past when it may happen now.
   * `Infinity` while held events have all slots: then {@link settle} changes it.
   */
  get readyAt(): number {
    return this.#freeAt(this.#held);
  }

  /** Whether an event at `now` keeps the limit. */
  isReady(now: number): boolean {
    return now >= this.readyAt;
  }

  /** Whether two events at `now` keep the limit. */
  hasTwoFree(now: number): boolean {
    return now >= this.#freeAt(this.#held + 1);
  }

  /** Keeps a slot for an event that has begun and may happen at any time until {@link settle}. */
  hold(): void {
    this.#held++;
  }

  /** An event that held a slot has happened. Does nothing when none is held. */
  settle(now: number): void {
    if (this.#held === 0) return;
    this.#held--;
    this.charge(now);
  }

  /**
   * Records an event. Also one that could not wait (a pong): the limit then holds back those that
   * can.
   */
  charge(now: number): void {
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
  }

  /** When there is room behind so many events that happen before. */
  #freeAt(before: number): number {
    const { length } = this.#times;
    if (before >= length) return Number.POSITIVE_INFINITY;
    return (this.#times[(this.#oldest + before) % length] as number) + this.spanMs;
  }
}
