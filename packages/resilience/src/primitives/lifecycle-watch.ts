import { isTerminal } from "@oath-ws/contract";
import type { Bind, Lifecycle, LifecycleSnapshot, Spawn } from "@oath-ws/contract";
import { UNBOUND } from "./hooks.js";
import { LastValue } from "./last-value.js";
import { onRejection } from "./on-rejection.js";

/**
 * When frames arrived; kept by the owner of the watch, outside the snapshot because it moves with
 * every frame.
 */
export interface Activity {
  readonly lastDataAt: number | undefined;
  readonly lastInboundAt: number | undefined;
}

/** Asked and told by a {@link LifecycleWatch}. */
export interface LifecycleOwner {
  /**
   * How old what the reader read last is, in milliseconds; `undefined` when that is of another
   * epoch.
   */
  readAgeMs(epoch: number): number | undefined;
  /**
   * Called before the snapshot is read: brings it up to date by {@link LastValue.publishQuietly}.
   */
  refresh?(): void;
  /** Gets what a listener threw, or what the promise that it returned rejected with. */
  onListenerError(error: unknown): void;
}

/** What a {@link LifecycleWatch} needs. */
export interface LifecycleWatchOptions {
  readonly initial: LifecycleSnapshot;
  readonly activity: Activity;
  readonly spawn: Spawn;
  readonly owner: LifecycleOwner;
  /** Keeps listeners in the async context in which they were subscribed. Default: it does not. */
  readonly bind?: Bind | undefined;
}

/**
 * The writer's side and the reader's side of a {@link Lifecycle}: a last value, its waiters and its
 * listeners.
 */
export class LifecycleWatch extends LastValue<LifecycleSnapshot> implements Lifecycle {
  readonly #activity: Activity;
  readonly #spawn: Spawn;
  readonly #owner: LifecycleOwner;
  readonly #bind: Bind;
  /** Made, with the notifier, for the first one. */
  #listeners: Set<{ readonly call: () => void }> | undefined;
  #dirty = false;
  #wakeNotifier: (() => void) | undefined;

  constructor(options: LifecycleWatchOptions) {
    super(options.initial);
    this.#activity = options.activity;
    this.#spawn = options.spawn;
    this.#owner = options.owner;
    this.#bind = options.bind ?? UNBOUND;
  }

  override get snapshot(): LifecycleSnapshot {
    this.#owner.refresh?.();
    return super.snapshot;
  }

  get lastDataAt(): number | undefined {
    return this.#activity.lastDataAt;
  }

  get lastInboundAt(): number | undefined {
    return this.#activity.lastInboundAt;
  }

  isFresh(maxAgeMs: number): boolean {
    const { phase, epoch } = super.snapshot;
    if (phase !== "connected" && phase !== "resumed") return false;
    const ageMs = this.#owner.readAgeMs(epoch);
    return ageMs !== undefined && ageMs <= maxAgeMs;
  }

  /** Publishes a new last value. The caller replaces it only when a field differs. */
  override publish(next: LifecycleSnapshot): void {
    super.publish(next, isTerminal(next.phase));
  }

  protected override tell(): void {
    super.tell();
    if (this.#listeners === undefined || (this.#listeners.size === 0 && !this.isFinal)) return;
    this.#dirty = true;
    this.#wakeNotifier?.();
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const entry = { call: this.#bind(listener) };
    const listeners = (this.#listeners ??= this.#spawnNotifier());
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
    };
  }

  #spawnNotifier(): Set<{ readonly call: () => void }> {
    const listeners = new Set<{ readonly call: () => void }>();
    if (this.isFinal) return listeners;
    this.#spawn.spawn({
      poll: (wake) => {
        this.#wakeNotifier = wake;
        if (this.#dirty) this.#notify(listeners);
        return this.isFinal && !this.#dirty ? "done" : "pending";
      },
    });
    return listeners;
  }

  #notify(listeners: ReadonlySet<{ readonly call: () => void }>): void {
    this.#dirty = false;
    for (const listener of Array.from(listeners)) {
      if (!listeners.has(listener)) continue;
      try {
        const owner = this.#owner;
        onRejection(listener.call(), (error) => owner.onListenerError(error));
      } catch (error) {
        this.#owner.onListenerError(error);
      }
    }
  }
}
