import type { Random, Timer } from "@oath-ws/contract";
import { boundedRetryAfter, waitClock } from "@oath-ws/resilience";
import type { WaitClock } from "@oath-ws/resilience";

/**
 * The pause that a venue stated: nothing may be asked before it is over. Connections that the venue
 * counts together share one, so that a new connection does not ask what an old one was told to wait
 * for. Time during which the machine slept counts.
 */
export class StatedPause {
  readonly #clock: WaitClock;
  readonly #random: Random;
  #until = Number.NEGATIVE_INFINITY;

  constructor(timer: Timer, random: Random) {
    this.#clock = waitClock(timer);
    this.#random = random;
  }

  /** How much of the pause is left, in milliseconds; 0 when it is over. */
  get leftMs(): number {
    return Math.max(0, this.#until - this.#clock.read());
  }

  /**
   * The venue wants to be left alone for so many milliseconds, which is obeyed for a day at most.
   * Up to a tenth is added, `spreadMs` at most, so that clients which were told the same pause do
   * not come back together. A later statement never shortens an earlier one.
   */
  state(forMs: number, spreadMs: number): void {
    const bounded = boundedRetryAfter(forMs) ?? 0;
    if (bounded === 0) return;
    const spread = Math.min(0.1 * bounded, spreadMs) * this.#random.next();
    this.#until = Math.max(this.#until, this.#clock.read() + bounded + spread);
  }

  /** Nothing has to be waited for. */
  clear(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
