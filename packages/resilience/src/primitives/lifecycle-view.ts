import type { ChangedOptions, Lifecycle, LifecycleSnapshot } from "@oath-ws/contract";

/**
 * The reader's side of a lifecycle: what users get. The writer's methods cannot be reached through
 * it, at run time either.
 */
export class LifecycleView implements Lifecycle {
  readonly #inner: Lifecycle;

  constructor(inner: Lifecycle) {
    this.#inner = inner;
  }

  get snapshot(): LifecycleSnapshot {
    return this.#inner.snapshot;
  }

  get lastDataAt(): number | undefined {
    return this.#inner.lastDataAt;
  }

  get lastInboundAt(): number | undefined {
    return this.#inner.lastInboundAt;
  }

  isFresh(maxAgeMs: number): boolean {
    return this.#inner.isFresh(maxAgeMs);
  }

  changed(options?: ChangedOptions): Promise<boolean> {
    return this.#inner.changed(options);
  }

  subscribe(listener: () => void): () => void {
    return this.#inner.subscribe(listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<LifecycleSnapshot> {
    return this.#inner[Symbol.asyncIterator]();
  }
}
