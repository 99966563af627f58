import type { CancelSignal } from "@oath-ws/contract";
import { cancelled, onAbort } from "./cancelled.js";

interface Waiter<S> {
  readonly since: S;
  readonly resolve: (more: boolean) => void;
  readonly release: (() => void) | undefined;
}

/**
 * A last value that anyone may watch: the newest replaces the one before, and whoever looks rarely
 * sees the newest. Values are immutable objects, so `===` tells whether anything changed; make
 * their fields levels and totals, and no reader misses anything (ADR-0032).
 */
export class LastValue<S extends object> {
  /** Made for the first one: most values are never waited for. */
  #waiters: Set<Waiter<S>> | undefined;
  #snapshot: S;
  #final = false;

  constructor(initial: S) {
    this.#snapshot = Object.freeze(initial);
  }

  /** Always current; reading it never waits. */
  get snapshot(): S {
    return this.#snapshot;
  }

  /** Whether no further value will come. */
  get isFinal(): boolean {
    return this.#final;
  }

  /**
   * The writer's side: replaces the value. After one that is `final` nothing is published any more.
   */
  publish(next: S, final: boolean): void {
    this.replace(next);
    this.#final = final;
    this.resolveWaiters();
  }

  /** Replaces the value and leaves those who wait for a change waiting. */
  protected replace(next: S): void {
    this.#snapshot = Object.freeze(next);
  }

  /** Ends the waits for a change that has happened. */
  protected resolveWaiters(): void {
    const final = this.#final;
    if (this.#waiters === undefined) return;
    for (const waiter of this.#waiters) {
      if (!final && waiter.since === this.#snapshot) continue;
      this.#waiters.delete(waiter);
      waiter.release?.();
      waiter.resolve(!final);
    }
    if (this.#waiters.size === 0) this.#waiters = undefined;
  }

  /**
   * Resolves `true` once the snapshot differs from `since` (default: the present one), `false` once
   * it is final: read it one last time and stop. Rejects only with the signal's reason.
   */
  changed(options?: {
    readonly signal?: CancelSignal | undefined;
    readonly since?: S | undefined;
  }): Promise<boolean> {
    const signal = options?.signal;
    if (signal?.aborted === true) return cancelled(signal);
    if (this.#final) return Promise.resolve(false);
    const since = options?.since ?? this.#snapshot;
    if (this.isNews(since)) return Promise.resolve(true);
    return new Promise((resolve, reject) => {
      const waiter: Waiter<S> = {
        since,
        resolve,
        release: signal && onAbort(signal, () => giveUp(signal)),
      };
      const giveUp = ({ reason }: CancelSignal): void => {
        this.#waiters?.delete(waiter);
        waiter.release?.();
        reject(reason);
      };
      (this.#waiters ??= new Set()).add(waiter);
    });
  }

  /** Whether a reader who has seen `since` is told at once that the value changed. */
  protected isNews(since: S): boolean {
    return since !== this.#snapshot;
  }

  /** Yields the present snapshot, then the newest one after each change, down to the final one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<S, undefined> {
    let seen = this.#snapshot;
    yield seen;
    while (await this.changed({ since: seen })) {
      seen = this.#snapshot;
      yield seen;
    }
    if (this.#snapshot !== seen) yield this.#snapshot;
    return undefined;
  }
}
