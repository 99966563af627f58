/** Entries kept of each list. */
const KEPT = 10_000;

/** A list that does not grow for ever: the oldest entries go. */
export class KeptList<T> {
  readonly #entries: T[] = [];
  /** What was given out last, until an entry is added. */
  #copy: readonly T[] | undefined;

  add(entry: T): void {
    this.#copy = undefined;
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries.shift();
  }

  /** The entries of now, oldest first. It is copied once for each change, however often asked. */
  copy(): readonly T[] {
    this.#copy ??= Object.freeze([...this.#entries]);
    return this.#copy;
  }
}
