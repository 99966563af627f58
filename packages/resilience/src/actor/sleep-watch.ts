import type { LifecycleSnapshot, Timer } from "@oath-ws/contract";
import type { Supervisor } from "../core/supervisor.js";
import { earliest } from "../primitives/alarm.js";
import { SLEEP_LOOK_MS, waitClock } from "../primitives/wait-clock.js";
import type { WaitClock } from "../primitives/wait-clock.js";

/** Tells the supervisor of sleep: its waits that protect others count it. */
export class SleepWatch {
  readonly #clock: WaitClock;
  readonly #supervisor: Supervisor;
  /** How much the supervisor was told of. */
  #toldMs: number;

  constructor(timer: Timer, supervisor: Supervisor) {
    this.#clock = waitClock(timer);
    this.#supervisor = supervisor;
    this.#toldMs = this.#clock.look();
  }

  /**
   * Call it before anything is decided in a turn. While nothing is waited for and no input came, it
   * does not look at the clock.
   *
   * @returns the snapshot before
   */
  notice(now: number, hasInput: boolean): LifecycleSnapshot {
    const { snapshot, isWaiting } = this.#supervisor;
    const sleptMs = hasInput || isWaiting ? this.#clock.look() - this.#toldMs : 0;
    if (sleptMs > 0) {
      this.#toldMs += sleptMs;
      this.#supervisor.slept(sleptMs, now);
    }
    return snapshot;
  }

  /** The supervisor's deadline, or earlier, so that a sleep is noticed while it waits. */
  nextDeadline(now: number): number | undefined {
    const { nextDeadline, isWaiting } = this.#supervisor;
    return isWaiting ? earliest(nextDeadline, now + SLEEP_LOOK_MS) : nextDeadline;
  }
}
