import type { Timer } from "@oath-ws/contract";

/**
 * The wall clock runs ahead of the monotonic one by more than this only when the machine slept, or
 * when somebody set it. Milliseconds.
 */
const MAX_DRIFT_MS = 5_000;

/**
 * Monotonic time that counts sleep, for waits that protect the venue: a ban or a window of request
 * weight goes on while our machine sleeps. The monotonic clock of most platforms stands still then.
 * Only a wall clock that runs ahead by more than 5 s between two readings counts as sleep, so that
 * small corrections shorten no wait; backward steps are ignored. A wall clock that is set forward by
 * more than that cannot be told from sleep.
 */
export class ElapsedClock {
  readonly #timer: Timer;
  #monotonic: number;
  #wall: number;
  #sleptMs = 0;

  constructor(timer: Timer) {
    this.#timer = timer;
    this.#monotonic = timer.now();
    this.#wall = timer.wallNow();
  }

  /** Milliseconds from an arbitrary origin; never falls. */
  now(): number {
    const monotonic = this.#timer.now();
    const wall = this.#timer.wallNow();
    const driftMs = wall - this.#wall - (monotonic - this.#monotonic);
    if (driftMs > MAX_DRIFT_MS) this.#sleptMs += driftMs;
    this.#monotonic = monotonic;
    this.#wall = wall;
    return monotonic + this.#sleptMs;
  }
}
