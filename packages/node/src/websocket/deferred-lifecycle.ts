import type { ChangedOptions, Lifecycle, LifecycleSnapshot } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "@oath-ws/resilience";

/**
 * The lifecycle of a connection that is about to be made: a constructor must hand one out at once,
 * and the stack gives its own one microtask later.
 */
export class DeferredLifecycle implements Lifecycle {
  readonly #ready: Promise<Lifecycle>;
  #inner: Lifecycle | undefined;

  /** @param ready must not reject */
  constructor(ready: Promise<Lifecycle>) {
    this.#ready = ready.then((inner) => (this.#inner = inner));
  }

  get snapshot(): LifecycleSnapshot {
    return this.#inner?.snapshot ?? INITIAL_SNAPSHOT;
  }

  get lastDataAt(): number | undefined {
    return this.#inner?.lastDataAt;
  }

  get lastInboundAt(): number | undefined {
    return this.#inner?.lastInboundAt;
  }

  isFresh(maxAgeMs: number): boolean {
    return this.#inner?.isFresh(maxAgeMs) ?? false;
  }

  changed(options?: ChangedOptions): Promise<boolean> {
    if (this.#inner !== undefined) return this.#inner.changed(options);
    const since = options?.since ?? this.snapshot;
    return this.#ready.then((inner) => inner.changed({ ...options, since }));
  }

  subscribe(listener: () => void): () => void {
    if (this.#inner !== undefined) return this.#inner.subscribe(listener);
    let unsubscribe: (() => void) | undefined;
    let wanted = true;
    void this.#ready.then((inner) => {
      if (wanted) unsubscribe = inner.subscribe(listener);
    });
    return () => {
      wanted = false;
      unsubscribe?.();
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LifecycleSnapshot, undefined> {
    yield* await this.#ready;
    return undefined;
  }
}
