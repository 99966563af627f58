import type { CancelSignal } from "@oath-ws/contract";

/**
 * A `CancelSignal` that is no `AbortSignal`: a leaf must get by with what the contract names. It
 * counts its listeners, because one that a finished call leaves behind on a long-lived signal is a
 * leak.
 */
export class ProbeSignal implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();

  get listenerCount(): number {
    return this.#listeners.size;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
  }
}
