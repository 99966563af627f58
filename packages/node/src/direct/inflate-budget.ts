import type { Timer } from "@oath-ws/contract";

/** How long all connections together may inflate in one turn of the event loop, in milliseconds. */
const BUDGET_MS = 25;

/** Below this a turn's use is not worth a timer; it is carried over to the next one. */
const CARRIED_MS = 2;

const budgets = new WeakMap<Timer, InflateBudget>();

/**
 * Bounds how long one turn of the event loop inflates. When the budget is used up, connections wait
 * in a queue, and the first of them goes on after the loop has polled its sockets and timers. While
 * any waits, those that read something new get behind it.
 *
 * One message is never divided: a turn is over its budget by at most one message.
 */
export class InflateBudget {
  readonly #timer: Timer;
  #spentMs = 0;
  #isServing = false;
  #nextTurn = false;
  readonly #waiting = new Set<() => void>();

  private constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** The budget that all users of this clock share. */
  static of(timer: Timer): InflateBudget {
    let budget = budgets.get(timer);
    if (budget === undefined) {
      budget = new InflateBudget(timer);
      budgets.set(timer, budget);
    }
    return budget;
  }

  /** Whether the caller may inflate now; otherwise it calls {@link wait}. */
  mayGoOn(): boolean {
    return this.#spentMs < BUDGET_MS && (this.#isServing || this.#waiting.size === 0);
  }

  /** Runs `inflate`, and counts its time. */
  measure<In, Out>(inflate: (data: In) => Out, data: In): Out {
    const from = this.#timer.now();
    try {
      return inflate(data);
    } finally {
      this.#spentMs += this.#timer.now() - from;
      if (this.#spentMs > CARRIED_MS) this.#atNextTurn();
    }
  }

  /**
   * Calls `resume` once, in a later turn that has time left.
   *
   * @returns cancels it
   */
  wait(resume: () => void): () => void {
    this.#waiting.add(resume);
    this.#atNextTurn();
    return () => void this.#waiting.delete(resume);
  }

  #atNextTurn(): void {
    if (this.#nextTurn) return;
    this.#nextTurn = true;
    this.#timer.schedule(0, () => this.#serve());
  }

  #serve(): void {
    this.#nextTurn = false;
    this.#spentMs = 0;
    this.#isServing = true;
    for (const resume of [...this.#waiting]) {
      if (!this.mayGoOn()) break;
      // Cancelled by one before it.
      if (!this.#waiting.delete(resume)) continue;
      resume();
    }
    this.#isServing = false;
    if (this.#waiting.size > 0) this.#atNextTurn();
  }
}
