import type { Timer } from "@oath-ws/contract";

/** Falls of the wall clock up to this are noise and slewing, not a step. */
const STEP_MS = 50;

/**
 * Milliseconds that have passed, sleep of the machine included. The monotonic clock stands still
 * while some systems sleep and the wall clock does not, so between two readings the longer of the
 * two counts. A wall clock that is set back is ignored; one that is set forward counts as sleep.
 *
 * A wall clock that was set back hides at most 50 ms of later sleep.
 */
export class ElapsedClock {
  readonly #timer: Pick<Timer, "now" | "wallNow">;
  /** How far the wall clock is ahead of the monotonic one, without steps back. */
  #lead: number;
  #sleptMs = 0;
  #wallMs: number;

  constructor(timer: Pick<Timer, "now" | "wallNow">) {
    this.#timer = timer;
    this.#wallMs = timer.wallNow();
    this.#lead = this.#wallMs - timer.now();
  }

  /** Sleep noticed so far, up to the last reading, in milliseconds. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  /** The wall clock at the last reading, which spares another look at it. */
  get wallMs(): number {
    return this.#wallMs;
  }

  /** A reading that never falls; differences of two readings are elapsed time. */
  read(): number {
    const now = this.#timer.now();
    this.#wallMs = this.#timer.wallNow();
    const lead = this.#wallMs - now;
    if (lead > this.#lead) {
      this.#sleptMs += lead - this.#lead;
      this.#lead = lead;
    } else if (lead < this.#lead - STEP_MS) {
      this.#lead = lead;
    }
    return now + this.#sleptMs;
  }
}

const CLOCKS = new WeakMap<object, ElapsedClock>();

/** The one {@link ElapsedClock} over this timer, which connections share: it costs 110 bytes. */
export function elapsedClock(timer: Pick<Timer, "now" | "wallNow">): ElapsedClock {
  let clock = CLOCKS.get(timer);
  if (clock === undefined) CLOCKS.set(timer, (clock = new ElapsedClock(timer)));
  return clock;
}

/**
 * What two readings may differ by in rounding, in milliseconds. A deadline that is computed as a
 * sum on one clock and looked at as a difference on another counts as reached this much early;
 * without that, an alarm that rings in time could find nothing due and ring again without end.
 */
export const CLOCK_ROUNDING_MS = 0.01;
