import { isTerminal } from "@oath-ws/contract";
import type { ChangedOptions, Lifecycle, LifecycleSnapshot, Spawn, Task, Timer } from "@oath-ws/contract";
import { cancelled } from "./cancelled.js";

/** When frames arrived; kept by the owner of the watch, outside the snapshot because it moves with every frame. */
export interface Activity {
  readonly lastDataAt: number | undefined;
  readonly lastInboundAt: number | undefined;
  /** The epoch of the last data frame: data of an earlier connection says nothing about this one. */
  readonly dataEpoch: number;
}

/** What a {@link LifecycleWatch} needs. */
export interface LifecycleWatchOptions {
  readonly initial: LifecycleSnapshot;
  readonly activity: Activity;
  readonly timer: Pick<Timer, "now">;
  readonly spawn: Spawn;
  /** Gets what a listener threw. */
  readonly onListenerError: (error: unknown) => void;
}

interface Waiter {
  readonly since: LifecycleSnapshot;
  readonly resolve: (more: boolean) => void;
  readonly release: () => void;
}

/** The writer's side and the reader's side of a {@link Lifecycle}: a last value, its waiters and its listeners. */
export class LifecycleWatch implements Lifecycle {
  readonly #activity: Activity;
  readonly #timer: Pick<Timer, "now">;
  readonly #spawn: Spawn;
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  readonly #waiters = new Set<Waiter>();
  #snapshot: LifecycleSnapshot;
  #dirty = false;
  #wakeNotifier: (() => void) | undefined;
  #notifierSpawned = false;

  constructor(options: LifecycleWatchOptions) {
    this.#snapshot = options.initial;
    this.#activity = options.activity;
    this.#timer = options.timer;
    this.#spawn = options.spawn;
    this.#onListenerError = options.onListenerError;
  }

  get snapshot(): LifecycleSnapshot {
    return this.#snapshot;
  }

  get lastDataAt(): number | undefined {
    return this.#activity.lastDataAt;
  }

  get lastInboundAt(): number | undefined {
    return this.#activity.lastInboundAt;
  }

  isFresh(maxAgeMs: number): boolean {
    const { phase, epoch } = this.#snapshot;
    if (phase !== "connected" && phase !== "resumed") return false;
    const at = this.#activity.lastDataAt;
    return at !== undefined && this.#activity.dataEpoch === epoch && this.#timer.now() - at <= maxAgeMs;
  }

  /** Publishes a new last value. The caller replaces it only when a field differs. */
  publish(next: LifecycleSnapshot): void {
    this.#snapshot = Object.freeze(next);
    const terminal = isTerminal(next.phase);
    for (const waiter of this.#waiters) {
      if (!terminal && waiter.since === next) continue;
      this.#waiters.delete(waiter);
      waiter.release();
      waiter.resolve(!terminal);
    }
    if (this.#listeners.size === 0 && !terminal) return;
    this.#dirty = true;
    this.#wakeNotifier?.();
  }

  changed(options?: ChangedOptions): Promise<boolean> {
    const signal = options?.signal;
    if (signal?.aborted === true) return cancelled(signal);
    if (isTerminal(this.#snapshot.phase)) return Promise.resolve(false);
    const since = options?.since ?? this.#snapshot;
    if (since !== this.#snapshot) return Promise.resolve(true);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        waiter.release();
        reject(signal?.reason);
      };
      const waiter: Waiter = { since, resolve, release: () => signal?.removeEventListener("abort", onAbort) };
      signal?.addEventListener("abort", onAbort);
      this.#waiters.add(waiter);
    });
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const entry = { call: listener };
    this.#listeners.add(entry);
    if (!this.#notifierSpawned && !isTerminal(this.#snapshot.phase)) {
      this.#notifierSpawned = true;
      this.#spawn.spawn(this.#notifier);
    }
    return () => {
      this.#listeners.delete(entry);
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LifecycleSnapshot, undefined> {
    let seen = this.#snapshot;
    yield seen;
    while (await this.changed({ since: seen })) {
      seen = this.#snapshot;
      yield seen;
    }
    if (this.#snapshot !== seen) yield this.#snapshot;
    return undefined;
  }

  readonly #notifier: Task = {
    poll: (wake) => {
      this.#wakeNotifier = wake;
      if (this.#dirty) this.#notify();
      return isTerminal(this.#snapshot.phase) && !this.#dirty ? "done" : "pending";
    },
  };

  #notify(): void {
    this.#dirty = false;
    for (const listener of Array.from(this.#listeners)) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener.call();
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
