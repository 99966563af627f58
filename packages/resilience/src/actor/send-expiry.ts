import type { Timer } from "@oath-ws/contract";
import { CLOCK_ROUNDING_MS, elapsedClock } from "../primitives/elapsed.js";
import type { ElapsedClock } from "../primitives/elapsed.js";

/**
 * When the next deadline of a send passes, sleep of the machine included. The mark is not moved
 * when the send that set it settles, so that a deadline costs a turn only when it passes.
 */
export class SendExpiry {
  readonly #elapsed: ElapsedClock;
  /** No later than the earliest deadline. */
  #next = Number.POSITIVE_INFINITY;

  constructor(timer: Timer) {
    this.#elapsed = elapsedClock(timer);
  }

  /** The reading at which `ms` milliseconds from now have passed. */
  after(ms: number): number {
    return this.#elapsed.read() + ms;
  }

  /** Watches a deadline. Returns whether it is earlier than all others. */
  add(deadline: number): boolean {
    if (deadline >= this.#next) return false;
    this.#next = deadline;
    return true;
  }

  /** When to look again, in milliseconds of the timer; `undefined` for never. */
  get dueAt(): number | undefined {
    if (this.#next === Number.POSITIVE_INFINITY) return undefined;
    return this.#next - this.#elapsed.sleptMs;
  }

  /**
   * Returns the present reading if a deadline may have passed: the caller then compares all, and
   * adds those again that have not.
   */
  take(): number | undefined {
    if (this.#next === Number.POSITIVE_INFINITY) return undefined;
    const reading = this.#elapsed.read() + CLOCK_ROUNDING_MS;
    if (reading < this.#next) return undefined;
    this.#next = Number.POSITIVE_INFINITY;
    return reading;
  }
}
