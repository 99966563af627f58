import type { Random, Timer } from "@oath-ws/contract";
import { waitClock } from "@oath-ws/resilience";
import type { WaitClock } from "@oath-ws/resilience";
import { StatedPause } from "./stated-pause.js";

/** How pauses grow: from `minMs`, doubling, up to `maxMs`; both in milliseconds. */
export interface PauseShape {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The pauses before something is asked of a venue again. Default of {@link RetryPause}. */
export const RETRY_PAUSE: PauseShape = { minMs: 1_000, maxMs: 60_000 };

/**
 * The pause after so many failures in a row (1 or more), in milliseconds: drawn from the upper half
 * of the shape's ceiling, so that clients which failed together do not come back together.
 */
export function pauseMs({ minMs, maxMs }: PauseShape, failures: number, random: Random): number {
  // The power overflows to Infinity after long outages; the bound takes care of it.
  return Math.min(maxMs, minMs * 2 ** (failures - 1)) * (0.5 + 0.5 * random.next());
}

/**
 * Counts the failures of one thing that is tried again and again, and says how long to wait. After
 * as much time as the longest pause without a failure, the next pause is a short one again. Time
 * during which the machine slept counts.
 */
export class RetryPause {
  readonly #clock: WaitClock;
  readonly #random: Random;
  readonly #shape: PauseShape;
  #failures = 0;
  #until = Number.NEGATIVE_INFINITY;
  readonly #stated: StatedPause;

  /** @param stated shared with others that the same statement of the venue binds. Default: not */
  constructor(
    timer: Timer,
    random: Random,
    shape: PauseShape = RETRY_PAUSE,
    stated: StatedPause = new StatedPause(timer, random),
  ) {
    this.#clock = waitClock(timer);
    this.#random = random;
    this.#shape = shape;
    this.#stated = stated;
  }

  /** How much of the pause is left, in milliseconds; 0 when it is over. */
  get leftMs(): number {
    return Math.max(0, this.#until - this.#clock.read(), this.statedLeftMs);
  }

  /** How much is left of the pause that the venue stated, in milliseconds. */
  get statedLeftMs(): number {
    return this.#stated.leftMs;
  }

  /** Whether nothing has failed for so long that the next pause is a short one. */
  get isCalm(): boolean {
    return this.#clock.read() - this.#until >= this.#shape.maxMs;
  }

  /**
   * Another failure: gives the pause, in milliseconds, which is never shorter than the one that the
   * venue stated. That one is obeyed for a day at most.
   */
  fail(statedMs = 0): number {
    if (this.isCalm) this.#failures = 0;
    this.#failures++;
    const drawn = pauseMs(this.#shape, this.#failures, this.#random);
    this.#stated.state(statedMs, this.#shape.maxMs / 2);
    this.#until = this.#clock.read() + drawn;
    return this.leftMs;
  }

  /** It worked: no pause is left, and the next one is a short one. */
  reset(): void {
    this.#failures = 0;
    this.#until = Number.NEGATIVE_INFINITY;
    this.#stated.clear();
  }
}
