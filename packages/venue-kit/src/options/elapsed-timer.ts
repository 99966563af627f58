import type { Timer } from "@oath-ws/contract";
import { ElapsedClock, waitClock } from "@oath-ws/resilience";

/** How soon a timer that waits notices that the machine slept, in milliseconds. */
const STEP_MS = 1_000;

/** Differences below this come from adding fractions of milliseconds. */
const EPSILON_MS = 1e-6;

interface Wait {
  readonly due: number;
  readonly run: () => void;
  cancel: () => void;
}

/**
 * A timer whose time goes on while the machine sleeps. With an `ElapsedClock` ({@link
 * elapsedTimer}) it is for ages and deadlines, and for what the venue's own clock decides, like a
 * session that dies of idling. With a `WaitClock` ({@link waitTimer}) it is for pauses that spare
 * the venue, which a wall clock that is set forward must not shorten.
 *
 * How this works: a timer of the platform stands still during a sleep. So while a wait is longer
 * than a second, the clock is read once a second, for all waits together. After a sleep they are
 * armed again with what is left of them: what fell due meanwhile runs within a second of the end.
 */
export class ElapsedTimer implements Timer {
  readonly #timer: Timer;
  readonly #clock: Pick<ElapsedClock, "read" | "sleptMs">;
  /** When the last sleep was noticed, by the monotonic clock. */
  #noticedAt = Number.NEGATIVE_INFINITY;
  /** What had been slept before that one. */
  #sleptBefore = 0;
  /** Waits that are to be shortened by a sleep, in the order in which they were made. */
  readonly #long = new Set<Wait>();
  #cancelLook: (() => void) | undefined;

  constructor(timer: Timer, clock: Pick<ElapsedClock, "read" | "sleptMs">) {
    this.#timer = timer;
    this.#clock = clock;
  }

  /** Elapsed milliseconds from the origin of the monotonic clock, sleep included. */
  now(): number {
    const before = this.#clock.sleptMs;
    const now = this.#clock.read();
    if (this.#clock.sleptMs - before >= STEP_MS) {
      this.#noticedAt = this.#timer.now();
      this.#sleptBefore = before;
    }
    return now;
  }

  wallNow(): number {
    return this.#timer.wallNow();
  }

  /**
   * The elapsed time at which something arrived, from the monotonic time. What arrived before a
   * sleep was noticed, by this call or an earlier one, counts as older than the sleep.
   */
  arrived(receivedAt: number): number {
    const before = this.#clock.sleptMs;
    this.now();
    return receivedAt + (receivedAt < this.#noticedAt ? this.#sleptBefore : before);
  }

  /**
   * The latest elapsed time at which it can have arrived: after a sleep that was noticed since.
   * Call it after {@link arrived}.
   */
  latestArrival(receivedAt: number): number {
    return receivedAt + this.#clock.sleptMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const wait: Wait = { due: this.now() + delayMs, run, cancel: NOTHING };
    this.#arm(wait, delayMs);
    return () => this.#end(wait);
  }

  #arm(wait: Wait, leftMs: number): void {
    wait.cancel = this.#timer.schedule(Math.max(leftMs, 0), () => {
      const left = wait.due - this.now();
      if (left > EPSILON_MS) return this.#arm(wait, left);
      this.#end(wait);
      wait.run();
    });
    if (leftMs <= STEP_MS) return;
    this.#long.add(wait);
    if (this.#cancelLook === undefined) this.#lookLater();
  }

  #end(wait: Wait): void {
    wait.cancel();
    if (!this.#long.delete(wait) || this.#long.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /** Looks for a sleep once a second while a wait is longer than that. */
  #lookLater(): void {
    const before = this.#clock.sleptMs;
    this.#cancelLook = this.#timer.schedule(STEP_MS, () => {
      const now = this.now();
      this.#lookLater();
      // Also for a sleep that another reading noticed since the last look.
      if (this.#clock.sleptMs === before) return;
      for (const wait of [...this.#long]) {
        wait.cancel();
        this.#arm(wait, wait.due - now);
      }
    });
  }
}

const NOTHING = (): void => undefined;

const TIMERS = new WeakMap<Timer, ElapsedTimer>();

/** The one elapsed timer over this timer: all users of it notice a sleep together. */
export function elapsedTimer(timer: Timer): ElapsedTimer {
  if (timer instanceof ElapsedTimer) return timer;
  const known = TIMERS.get(timer);
  if (known !== undefined) return known;
  const made = new ElapsedTimer(timer, new ElapsedClock(timer));
  TIMERS.set(timer, made);
  return made;
}

/**
 * A timer for waits that protect the venue, on the `WaitClock` of this timer: a pause that the
 * venue stated, or a limit on requests.
 */
export function waitTimer(timer: Timer): Timer {
  return new ElapsedTimer(timer, waitClock(timer));
}
