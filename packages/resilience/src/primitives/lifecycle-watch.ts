import { isTerminal } from "@oath-ws/contract";
import type { Lifecycle, LifecycleSnapshot, Spawn, Timer } from "@oath-ws/contract";
import { LastValue } from "./last-value.js";

/**
 * When frames arrived; kept by the owner of the watch, outside the snapshot because it moves with
 * every frame.
 */
export interface Activity {
  readonly lastDataAt: number | undefined;
  readonly lastInboundAt: number | undefined;
  /**
   * The epoch of the last data frame: data of an earlier connection says nothing about this one.
   */
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

/**
 * The writer's side and the reader's side of a {@link Lifecycle}: a last value, its waiters and its
 * listeners.
 */
export class LifecycleWatch extends LastValue<LifecycleSnapshot> implements Lifecycle {
  readonly #activity: Activity;
  readonly #timer: Pick<Timer, "now">;
  readonly #spawn: Spawn;
  readonly #onListenerError: (error: unknown) => void;
  /** Made, with the notifier, for the first one. */
  #listeners: Set<{ readonly call: () => void }> | undefined;
  #dirty = false;
  /** The newest snapshot differs from the last announced one in the totals of lost frames. */
  #isQuiet = false;
  #wakeNotifier: (() => void) | undefined;

  constructor(options: LifecycleWatchOptions) {
    super(options.initial);
    this.#activity = options.activity;
    this.#timer = options.timer;
    this.#spawn = options.spawn;
    this.#onListenerError = options.onListenerError;
  }

  get lastDataAt(): number | undefined {
    return this.#activity.lastDataAt;
  }

  get lastInboundAt(): number | undefined {
    return this.#activity.lastInboundAt;
  }

  isFresh(maxAgeMs: number): boolean {
    const { phase, epoch } = this.snapshot;
    if (phase !== "connected" && phase !== "resumed") return false;
    const at = this.#activity.lastDataAt;
    return (
      at !== undefined && this.#activity.dataEpoch === epoch && this.#timer.now() - at <= maxAgeMs
    );
  }

  /** Publishes a new last value. The caller replaces it only when a field differs. */
  override publish(next: LifecycleSnapshot): void {
    const terminal = isTerminal(next.phase);
    this.#isQuiet = false;
    super.publish(next, terminal);
    this.#tellListeners(terminal);
  }

  /**
   * Publishes a snapshot of which only `totalLagged` and `totalLaggedBytes` moved. It can be read at
   * once; those who wait or listen are told by {@link announce}.
   */
  publishQuietly(next: LifecycleSnapshot): void {
    this.#isQuiet = true;
    this.replace(next);
  }

  /** Tells those who wait or listen of what was published quietly. */
  announce(): void {
    if (!this.#isQuiet) return;
    this.#isQuiet = false;
    this.resolveWaiters();
    this.#tellListeners(false);
  }

  protected override isNews(since: LifecycleSnapshot): boolean {
    if (since === this.snapshot) return false;
    return !this.#isQuiet || !differsOnlyInLag(since, this.snapshot);
  }

  #tellListeners(terminal: boolean): void {
    if (this.#listeners === undefined || (this.#listeners.size === 0 && !terminal)) return;
    this.#dirty = true;
    this.#wakeNotifier?.();
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const entry = { call: listener };
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
        listener.call();
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function differsOnlyInLag(a: LifecycleSnapshot, b: LifecycleSnapshot): boolean {
  return (Object.keys(b) as (keyof LifecycleSnapshot)[]).every(
    (key) => key === "totalLagged" || key === "totalLaggedBytes" || a[key] === b[key],
  );
}
