import type { Attempt } from "./gate-plan.js";

/**
 * The attempts of one key and its block: what an `AttemptGate` has to share so that several gates
 * (in several threads) keep one budget. Times are those of the reader's gate: see `Gate`.
 */
export interface AttemptLog {
  /** Runs `run` while no other user of the log is inside. Never nested. */
  exclusively<T>(run: () => T): T;
  /** The attempts later than `after`, ascending. Earlier ones may be forgotten. */
  attempts(after: number): readonly Attempt[];
  add(attempt: Attempt): void;
  readonly blockedUntil: number;
  /** Never shortens an earlier block. */
  block(until: number): void;
}

/** The log of a gate that is alone. */
export class MemoryLog implements AttemptLog {
  readonly #made: Attempt[] = [];
  #blockedUntil = Number.NEGATIVE_INFINITY;

  get blockedUntil(): number {
    return this.#blockedUntil;
  }

  exclusively<T>(run: () => T): T {
    return run();
  }

  attempts(after: number): readonly Attempt[] {
    const kept = this.#made.findIndex(({ at }) => at > after);
    this.#made.splice(0, kept === -1 ? this.#made.length : kept);
    return this.#made;
  }

  add(attempt: Attempt): void {
    this.#made.push(attempt);
  }

  block(until: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, until);
  }
}
