import type { Timer } from "@oath-ws/contract";

/** A timer that also knows when the machine slept. */
export interface HostClock extends Timer {
  sleptMs(): number;
  scheduleArrival(delayMs: number, run: () => void): () => void;
}

/** The timer of what is simulated, which knows how many callbacks wait, and whether one is late. */
export class CountedTimer implements HostClock {
  readonly #timer: HostClock;
  readonly #dues = new Set<{ readonly at: number }>();
  /** None of them is due before that; the one that was may be gone. */
  #earliest = Number.POSITIVE_INFINITY;

  constructor(timer: HostClock) {
    this.#timer = timer;
  }

  get pending(): number {
    return this.#dues.size;
  }

  /** Whether a callback is due and has not run: the loop was late, and has not caught up. */
  get isLate(): boolean {
    if (this.#earliest >= this.now()) return false;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const { at } of this.#dues) this.#earliest = Math.min(this.#earliest, at);
    return this.#earliest < this.now();
  }

  now(): number {
    return this.#timer.now();
  }

  wallNow(): number {
    return this.#timer.wallNow();
  }

  sleptMs(): number {
    return this.#timer.sleptMs();
  }

  schedule(delayMs: number, run: () => void): () => void {
    return this.#counted(delayMs, run, (ms, fire) => this.#timer.schedule(ms, fire));
  }

  scheduleArrival(delayMs: number, run: () => void): () => void {
    return this.#counted(delayMs, run, (ms, fire) => this.#timer.scheduleArrival(ms, fire));
  }

  #counted(
    delayMs: number,
    run: () => void,
    schedule: (delayMs: number, fire: () => void) => () => void,
  ): () => void {
    const due = { at: this.now() + delayMs };
    this.#dues.add(due);
    this.#earliest = Math.min(this.#earliest, due.at);
    const cancel = schedule(delayMs, () => {
      this.#dues.delete(due);
      run();
    });
    return () => {
      if (this.#dues.delete(due)) cancel();
    };
  }
}
