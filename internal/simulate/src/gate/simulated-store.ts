import type { Timer } from "@oath-ws/contract";
import type { AttemptStore, StoreAnswer, StoreRequest } from "@oath-ws/resilience";

/** A store that two processes share, on a machine of its own, with a way that takes time. */
export class SimulatedStore implements AttemptStore {
  readonly #timer: Timer;
  readonly #delayMs: number;
  readonly #taken: number[] = [];
  #blockedUntil = 0;
  isSilent = false;
  /** Whether an answer did not come: the members then go by budgets of their own. */
  wasSilent = false;

  constructor(timer: Timer, delayMs: number) {
    this.#timer = timer;
    this.#delayMs = delayMs;
  }

  take({ max, windowMs }: StoreRequest): Promise<StoreAnswer> {
    return new Promise((resolve) => {
      this.#later(() => {
        const answer = this.#answer(max, windowMs);
        this.#later(() => resolve(answer));
      });
    });
  }

  /** Which one is not known. The oldest that counts is the safe choice: the others count longer. */
  giveBack({ windowMs }: StoreRequest): void {
    this.#later(() => {
      const since = this.#timer.now() - windowMs;
      const oldest = this.#taken.findIndex((at) => at > since);
      if (oldest !== -1) this.#taken.splice(oldest, 1);
    });
  }

  block(_key: string, forMs: number): void {
    this.#later(() => {
      this.#blockedUntil = Math.max(this.#blockedUntil, this.#timer.now() + forMs);
    });
  }

  #answer(max: number, windowMs: number): StoreAnswer {
    const now = this.#timer.now();
    const blockedForMs = Math.max(0, this.#blockedUntil - now);
    const oldest = this.#taken[this.#taken.length - max];
    const retryInMs = oldest === undefined ? 0 : oldest + windowMs - now;
    if (retryInMs > 0 || blockedForMs > 0)
      return { granted: false, retryInMs: Math.max(1, retryInMs), blockedForMs, members: 2 };
    this.#taken.push(now);
    return { granted: true, members: 2 };
  }

  #later(run: () => void): void {
    this.#timer.schedule(this.#delayMs, () => {
      if (this.isSilent) this.wasSilent = true;
      else run();
    });
  }
}
