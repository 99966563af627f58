import type { Timer } from "@oath-ws/contract";

/** Gains of the wall clock up to this are rounding, in milliseconds. */
const ROUNDING_MS = 50;

/**
 * For waits that protect the venue: the wall clock gains more than this between two readings only
 * when the machine slept, or when it was set. Milliseconds.
 */
export const CORRECTION_MS = 5_000;

/**
 * Milliseconds that have passed, sleep of the machine included, for waits that the venue counts: a
 * ban, a window of request weight or a session go on while our machine sleeps. The monotonic clock
 * of most platforms stands still then and the wall clock does not, so between two readings the
 * longer of the two counts. A wall clock that is set back is ignored; one that is set forward
 * cannot be told from sleep.
 */
export class ElapsedClock {
  readonly #timer: Pick<Timer, "now" | "wallNow">;
  readonly #ignoreMs: number;
  /** How far the wall clock was ahead of the monotonic one at the last reading. */
  #lead: number;
  #sleptMs = 0;

  /**
   * @param ignoreMs what the wall clock gains between two readings without counting as sleep, in
   *   milliseconds, so that small corrections shorten no wait. Default 50, which is rounding
   */
  constructor(timer: Pick<Timer, "now" | "wallNow">, ignoreMs: number = ROUNDING_MS) {
    this.#timer = timer;
    this.#ignoreMs = ignoreMs;
    this.#lead = timer.wallNow() - timer.now();
  }

  /** How much of the readings so far was sleep, in milliseconds. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  /** A reading that never falls; differences of two readings are elapsed time. */
  read(): number {
    const now = this.#timer.now();
    const lead = this.#timer.wallNow() - now;
    const gained = lead - this.#lead;
    if (gained > this.#ignoreMs) this.#sleptMs += gained;
    this.#lead = lead;
    return now + this.#sleptMs;
  }
}
