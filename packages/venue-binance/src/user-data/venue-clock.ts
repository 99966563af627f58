import type { Timer } from "@oath-ws/contract";

/**
 * The venue's clock, as far as the difference to ours is known: timestamps that are off are refused
 * (B-35, -1021).
 */
export class VenueClock {
  readonly #timer: Timer;
  #offsetMs = 0;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Unix milliseconds, whole. */
  now(): number {
    return Math.round(this.#timer.wallNow() + this.#offsetMs);
  }

  /**
   * Asks the venue what time it is. The answer is taken to be from half way between question and
   * arrival.
   */
  async compare(ask: () => Promise<number>): Promise<void> {
    const before = this.#timer.wallNow();
    const venueNow = await ask();
    this.#offsetMs = venueNow - (before + this.#timer.wallNow()) / 2;
  }
}
