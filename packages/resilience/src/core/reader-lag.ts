import { CLOCK_ROUNDING_MS } from "../primitives/elapsed.js";

/** What must be known of the oldest frame that waits. */
export interface Waiting {
  /** When it was read from the socket, by the timer's monotonic clock. */
  readonly at: number;
  /** The same by a clock that counts sleep. */
  readonly elapsedMs: number;
}

/**
 * Tells whether the reader is behind: from the moment when a frame has waited for `limitMs` until
 * nothing waits that is older than half of that. The two limits differ so that a reader at the edge
 * does not flicker.
 */
export class ReaderLag {
  readonly #limitMs: number | undefined;
  #since: number | undefined;

  /** @param limitMs `undefined`: the reader never counts as behind */
  constructor(limitMs: number | undefined) {
    this.#limitMs = limitMs;
  }

  get isBehind(): boolean {
    return this.#since !== undefined;
  }

  /**
   * Since when the reader is behind: the arrival of the frame that waited too long.
   *
   * @param elapsedMs the present time on the clock that counts sleep
   */
  since(oldest: Waiting | undefined, elapsedMs: number): number | undefined {
    if (this.#limitMs === undefined) return undefined;
    if (oldest === undefined) return (this.#since = undefined);
    const ageMs = elapsedMs - oldest.elapsedMs;
    if (this.#since === undefined) {
      if (ageMs + CLOCK_ROUNDING_MS >= this.#limitMs) this.#since = oldest.at;
    } else if (ageMs <= this.#limitMs / 2) {
      this.#since = undefined;
    }
    return this.#since;
  }

  /** When to look again, by the monotonic clock: a reader that falls behind does not call. */
  deadline(oldest: Waiting | undefined): number | undefined {
    if (this.#limitMs === undefined || oldest === undefined || this.isBehind) return undefined;
    return oldest.at + this.#limitMs;
  }
}
