/** Entries beyond the kept ones that may stand until the next copy. */
const SPARE = 256;

/** The latest entries of a list that only grows, and how many there were. */
export class Ring<T> {
  readonly #max: number;
  #kept: T[] = [];
  #total = 0;

  /** @param max entries that are kept */
  constructor(max: number) {
    this.#max = max;
  }

  /** Entries so far. */
  get total(): number {
    return this.#total;
  }

  push(entry: T): void {
    this.#total++;
    this.#kept.push(entry);
    // Some more are let stand, so that the array is copied rarely.
    if (this.#kept.length >= this.#max + SPARE) this.#kept = this.#kept.slice(-this.#max);
  }

  /** The kept entries behind the first `seen` ones, oldest first. */
  since(seen: number): readonly T[] {
    const count = Math.min(this.#total - seen, this.#max, this.#kept.length);
    return count <= 0 ? [] : this.#kept.slice(-count);
  }
}
