import type { Timer } from "@oath-ws/contract";

/** What the wall clock gains between two looks up to this is no sleep, in milliseconds. */
const CORRECTION_MS = 5_000;

/**
 * After how many milliseconds a wait looks at a {@link WaitClock} again: the platform's timers
 * stand still while the machine sleeps, so this is how late a wait can notice that it is over.
 */
export const SLEEP_LOOK_MS = 5_000;

/**
 * The clock for waits that protect others: the window of an attempt gate, `Retry-After`, request
 * weight. Time during which the machine slept counts, because the other side's clock went on. A
 * step of the wall clock must not shorten such a wait: sleep is what `Timer.sleptMs` says, and
 * where the platform cannot tell, a gain of the wall clock over 5 s between two looks. A wall clock
 * that is set back is ignored.
 *
 * For ages and for deadlines of our own use `ElapsedClock`. All users of a timer must share one
 * ({@link waitClock}), so that their times can be compared.
 */
export class WaitClock {
  readonly #timer: Omit<Timer, "schedule">;
  /** What had been slept at the first look, or how far the wall clock is ahead. */
  #base: number;
  #sleptMs = 0;

  constructor(timer: Omit<Timer, "schedule">) {
    this.#timer = timer;
    this.#base = timer.sleptMs?.() ?? this.#lead();
  }

  /** How long the machine slept, up to the last {@link look}, in milliseconds. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  /** Notices sleep. Returns {@link sleptMs}, which never falls. */
  look(): number {
    const told = this.#timer.sleptMs?.();
    if (told !== undefined) {
      this.#sleptMs = Math.max(this.#sleptMs, told - this.#base);
      return this.#sleptMs;
    }
    const lead = this.#lead();
    const gained = lead - this.#base;
    this.#base = lead;
    if (gained > CORRECTION_MS) this.#sleptMs += gained;
    return this.#sleptMs;
  }

  /** A reading that never falls: `Timer.now()` plus what was slept. */
  read(): number {
    return this.#timer.now() + this.look();
  }

  #lead(): number {
    return this.#timer.wallNow() - this.#timer.now();
  }
}

const CLOCKS = new WeakMap<Timer, WaitClock>();

/** The one {@link WaitClock} over this timer. */
export function waitClock(timer: Timer): WaitClock {
  let clock = CLOCKS.get(timer);
  if (clock === undefined) CLOCKS.set(timer, (clock = new WaitClock(timer)));
  return clock;
}
