import type { SimTimer } from "./platform.js";
import { REAL_TIMER } from "./real-timer.js";

/** A condition that a caller waits for. */
interface Waiter<S> {
  readonly condition: (state: S) => boolean;
  readonly resolve: (state: S) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets callers wait for a state, without anyone polling: `changed` has the conditions looked at,
 * once per turn at most.
 */
export class WaitList<S> {
  readonly #read: () => S;
  #waiters: Waiter<S>[] = [];
  #scheduled = false;
  #closedBecause: string | undefined;

  readonly #timer: SimTimer;

  /** `read` takes a snapshot of the state. */
  constructor(read: () => S, timer: SimTimer = REAL_TIMER) {
    this.#read = read;
    this.#timer = timer;
  }

  /** The state has changed. */
  changed(): void {
    if (this.#waiters.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    this.#timer.schedule(0, () => {
      this.#scheduled = false;
      this.#check();
    });
  }

  /**
   * Resolves with the first state that satisfies the condition; rejects on abort, when closed, or
   * if the condition throws.
   */
  async waitFor(condition: (state: S) => boolean, signal?: AbortSignal): Promise<S> {
    signal?.throwIfAborted();
    if (this.#closedBecause !== undefined) throw new Error(this.#closedBecause);
    const now = this.#read();
    if (condition(now)) return now;
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        signal?.removeEventListener("abort", abandon);
        settle();
      };
      const abandon = (): void => leave(() => reject(signal?.reason));
      const waiter: Waiter<S> = {
        condition,
        resolve: (state) => leave(() => resolve(state)),
        reject: (error) => leave(() => reject(error)),
      };
      signal?.addEventListener("abort", abandon, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Ends all waiting with an error, now and later. */
  close(because: string): void {
    this.#closedBecause = because;
    for (const waiter of [...this.#waiters]) waiter.reject(new Error(because));
  }

  #check(): void {
    if (this.#waiters.length === 0) return;
    const state = this.#read();
    for (const waiter of [...this.#waiters]) {
      try {
        if (waiter.condition(state)) waiter.resolve(state);
      } catch (error) {
        waiter.reject(error);
      }
    }
  }
}
