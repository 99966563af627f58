import type { CancelSignal } from "@oath-ws/contract";
import { cancelled, onAbort } from "./cancelled.js";

interface Waiter<S> {
  readonly since: S;
  readonly resolve: (more: boolean) => void;
  readonly release: (() => void) | undefined;
}

/**
 * A last value that anyone may watch: the newest replaces the one before, and a reader that looks
 * rarely sees the newest. Values are immutable objects, so `===` tells whether anything changed;
 * make their fields levels and totals, and no reader misses anything (ADR-0032).
 */
export class LastValue<S extends object> {
  /** Made for the first one: most values are never waited for. */
  #waiters: Set<Waiter<S>> | undefined;
  #snapshot: S;
  #final = false;
  /** The newest value that waiters were told of. */
  #announced: S;
  /** Values that replaced it since, of which they were not told. */
  #quiet: WeakSet<S> | undefined;

  constructor(initial: S) {
    this.#snapshot = this.#announced = Object.freeze(initial);
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
    this.#snapshot = Object.freeze(next);
    this.#final = final;
    this.tell();
  }

  /** Whether the present value was published quietly, and not announced since. */
  get isQuiet(): boolean {
    return this.#announced !== this.#snapshot;
  }

  /**
   * The writer's side: replaces the value for those who read it. Those who wait for a change are
   * told by the next {@link announce} or {@link publish}.
   */
  publishQuietly(next: S): void {
    this.#snapshot = Object.freeze(next);
    (this.#quiet ??= new WeakSet()).add(next);
  }

  /** The writer's side: tells those who wait of what was published quietly, if anything was. */
  announce(): void {
    if (this.isQuiet) this.tell();
  }

  /** Ends the waits for a change that has happened. */
  protected tell(): void {
    this.#announced = this.#snapshot;
    this.#quiet = undefined;
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
    const since = options?.since ?? this.snapshot;
    if (since !== this.#announced && this.#quiet?.has(since) !== true) return Promise.resolve(true);
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

  /** Yields the present snapshot, then the newest one after each change, down to the final one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<S, undefined> {
    let seen = this.snapshot;
    yield seen;
    while (await this.changed({ since: seen })) {
      seen = this.snapshot;
      yield seen;
    }
    if (this.#snapshot !== seen) yield this.#snapshot;
    return undefined;
  }
}
