import type { Timer } from "@oath-ws/contract";

/** Levels that are taken up in one turn of the event loop: some 5 ms of work. */
const LEVELS_PER_TURN = 4_096;
/** After so long, earlier work belongs to an earlier turn in any case. */
const NEW_TURN_MS = 100;

/**
 * What books may do in one turn of the event loop: together they take up at most 4 096 levels, so
 * that sockets are read and timers run in between. Give all books of a process, or of a market, the
 * same one: after an outage all of them have snapshots to take up.
 */
export class BookTurns {
  readonly #timer: Timer;
  #left = LEVELS_PER_TURN;
  #since = Number.NEGATIVE_INFINITY;
  #waiting = new Set<() => void>();
  #isScheduled = false;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** The most levels that a turn can have left. */
  get perTurn(): number {
    return LEVELS_PER_TURN;
  }

  /** Levels that may be taken up in this turn. */
  get left(): number {
    const now = this.#timer.now();
    if (now - this.#since > NEW_TURN_MS) this.#renew(now);
    return this.#left;
  }

  /** So many levels were taken up. */
  spend(levels: number): void {
    this.#left -= levels;
  }

  /**
   * Has `run` called in a later turn that has levels left, after those that wait already. Returns
   * the function that cancels.
   */
  wait(run: () => void): () => void {
    this.#waiting.add(run);
    this.#schedule();
    return () => {
      this.#waiting.delete(run);
    };
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#timer.schedule(0, () => {
      this.#renew(this.#timer.now());
      // A run that waits again does so behind all others.
      for (const run of Array.from(this.#waiting)) {
        if (this.#left <= 0) break;
        if (this.#waiting.delete(run)) run();
      }
      this.#isScheduled = false;
      this.#schedule();
    });
  }

  #renew(now: number): void {
    this.#left = LEVELS_PER_TURN;
    this.#since = now;
  }
}
