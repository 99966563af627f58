/** Puts partial rows together, by what tells them apart. */
export class RowMerge<R extends object> {
  readonly #keyOf: (row: Partial<R>) => string | number | undefined;
  readonly #max: number;
  readonly #rows = new Map<string | number, R>();

  /** @param max rows that are remembered; beyond that the oldest are forgotten. Default: all */
  constructor(
    keyOf: (row: Partial<R>) => string | number | undefined,
    max: number = Number.POSITIVE_INFINITY,
  ) {
    this.#keyOf = keyOf;
    this.#max = max;
  }

  get rows(): readonly R[] {
    return Array.from(this.#rows.values());
  }

  get(key: string | number): R | undefined {
    return this.#rows.get(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  /**
   * The whole row after this part of it; `changed` is false when it said nothing new. A row without
   * a key stands for itself.
   */
  merge(part: Partial<R>): { readonly row: R; readonly changed: boolean; readonly isNew: boolean } {
    const key = this.#keyOf(part);
    if (key === undefined) return { row: part as R, changed: true, isNew: true };
    const before = this.#rows.get(key);
    if (
      before !== undefined &&
      Object.entries(part).every(([name, value]) => isSame(before[name as keyof R], value))
    ) {
      return { row: before, changed: false, isNew: false };
    }
    const row = { ...before, ...part } as R;
    this.#rows.set(key, row);
    if (this.#rows.size > this.#max)
      this.#rows.delete(this.#rows.keys().next().value as string | number);
    return { row, changed: true, isNew: before === undefined };
  }
}

/** What is nested is compared as text: it comes in the same order when it comes again. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  return JSON.stringify(one) === JSON.stringify(other);
}
