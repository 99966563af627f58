/** Remembers every promise that was handed out, to name those that never settle. */
export class PromiseLedger {
  readonly #pending = new Map<number, string>();
  #next = 1;

  /** Watches a promise; what it rejects with is the caller's business. */
  watch(name: string, promise: Promise<unknown>): void {
    const id = this.#next++;
    this.#pending.set(id, name);
    const settled = (): void => {
      this.#pending.delete(id);
    };
    promise.then(settled, settled);
  }

  /** The names of those that are pending. */
  get pending(): readonly string[] {
    return [...this.#pending.values()];
  }
}
