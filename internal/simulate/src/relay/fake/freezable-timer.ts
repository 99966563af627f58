import type { Timer } from "@oath-ws/contract";

/**
 * The timer of a process that can be stopped (SIGSTOP): what falls due meanwhile runs afterwards.
 */
export class FreezableTimer implements Timer {
  readonly #timer: Timer;
  #late: (() => void)[] = [];
  #isFrozen = false;
  #isDead = false;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  now(): number {
    return this.#timer.now();
  }

  wallNow(): number {
    return this.#timer.wallNow();
  }

  schedule(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const ring = (): void => {
      if (isCancelled || this.#isDead) return;
      if (this.#isFrozen) this.#late.push(ring);
      else run();
    };
    const cancel = this.#timer.schedule(delayMs, ring);
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** Goes on: everything that is late runs in one turn each, oldest first. */
  thaw(): void {
    this.#isFrozen = false;
    const late = this.#late;
    this.#late = [];
    for (const run of late) this.#timer.schedule(0, run);
  }

  /** The process is gone (SIGKILL): nothing of it ever runs again. */
  kill(): void {
    this.#isDead = true;
  }
}
