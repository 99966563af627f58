const PARTS = 10;

/** The time over which the smallest difference is kept, in milliseconds. */
const WINDOW_MS = 300_000;

/**
 * How far our clock is ahead of a venue's, as far as its events tell.
 *
 * How this works: an event that the venue stamped at `v` and that arrived at `a` gives the
 * difference `a - v`. That is how far our clock is ahead, plus how long the event travelled, and
 * nothing travels backwards. So the smallest difference of the last 5 minutes is the estimate. It
 * is too large by the travelling time of the fastest event in that time, and never too small,
 * unless the clocks were set meanwhile or the venue stamped an event late. A step of the venue's
 * clock forwards counts at once, one backwards after 5 minutes at most. The window is kept in ten
 * parts and moves when events come, so that each event costs a few comparisons.
 */
export class ClockOffset {
  readonly #partMs: number;
  /** The smallest difference in each part of the window. */
  readonly #least: number[] = Array.from({ length: PARTS }, () => Number.POSITIVE_INFINITY);
  /** Which part the last event fell in, counted from the origin of the clock. */
  #part = Number.NaN;
  /** Where that part has its difference, and when it ends. */
  #slot = 0;
  #partEndsAt = Number.NEGATIVE_INFINITY;
  #leastMs = Number.POSITIVE_INFINITY;

  /** @param windowMs how far back differences count, in milliseconds. Default 300 000 */
  constructor(windowMs: number = WINDOW_MS) {
    this.#partMs = windowMs / PARTS;
  }

  /**
   * The smallest difference between our time and the venue's in the window that ends with the last
   * event, in milliseconds; `undefined` before the first event with a time.
   */
  get leastMs(): number | undefined {
    return this.#leastMs === Number.POSITIVE_INFINITY ? undefined : this.#leastMs;
  }

  /**
   * An event has arrived. Ignores times that are not greater than 0: some venues write 1970 for "no
   * time".
   *
   * @param arrivedAt our elapsed milliseconds, in which the machine's sleep counts
   * @param venueMs the venue's Unix milliseconds
   */
  heard(arrivedAt: number, venueMs: number): void {
    const difference = arrivedAt - venueMs;
    if (!(venueMs > 0) || !Number.isFinite(difference)) return;
    // Events of two connections may arrive out of order; the part does not go back for them.
    if (arrivedAt >= this.#partEndsAt) this.#moveTo(Math.floor(arrivedAt / this.#partMs));
    if (difference < (this.#least[this.#slot] ?? 0)) this.#least[this.#slot] = difference;
    if (difference < this.#leastMs) this.#leastMs = difference;
  }

  #moveTo(part: number): void {
    const steps = Number.isNaN(this.#part) ? PARTS : Math.min(part - this.#part, PARTS);
    for (let step = 0; step < steps; step++)
      this.#least[(((part - step) % PARTS) + PARTS) % PARTS] = Number.POSITIVE_INFINITY;
    this.#part = part;
    // Kept: the remainder of two doubles takes longer than the rest of an event here.
    this.#slot = ((part % PARTS) + PARTS) % PARTS;
    this.#partEndsAt = (part + 1) * this.#partMs;
    this.#leastMs = Math.min(...this.#least);
  }
}
