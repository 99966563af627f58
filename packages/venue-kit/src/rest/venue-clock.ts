import type { Timer } from "@oath-ws/contract";

/** When the two clocks differ by more over one question, one of them was set or the host slept. */
const DISTURBED_MS = 1_000;

/** How often a disturbed comparison is made again. */
const TRIES = 3;

/**
 * The venue's clock, as far as the difference to ours is known, for what is signed with a time: a
 * venue refuses a time that is off by its own clock. Call {@link compare} when it has refused one.
 * A step of our wall clock makes the difference wrong until then.
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
   * Asks the venue what time it is, in Unix milliseconds. The answer is taken to be from half way
   * between question and arrival. Asks again, at most three times together, when our wall clock was
   * set or the machine slept meanwhile. Rejects like `ask`; the difference stays as it was then.
   */
  async compare(ask: () => Promise<number>): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = this.#timer.now();
      const wallBefore = this.#timer.wallNow();
      const venueNow = await ask();
      const tookMs = this.#timer.now() - before;
      const wallNow = this.#timer.wallNow();
      this.#offsetMs = venueNow + tookMs / 2 - wallNow;
      if (Math.abs(wallNow - wallBefore - tookMs) < DISTURBED_MS || tries === TRIES) return;
    }
  }
}
