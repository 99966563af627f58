/** Ids of a venue that follow each other, both ends included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** The ids of a hole that are still missing: ranges that do not touch, in ascending order. */
export class IdRanges {
  #ranges: IdRange[];

  constructor(range: IdRange) {
    this.#ranges = [range];
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  get ranges(): readonly IdRange[] {
    return this.#ranges;
  }

  /** Takes ids out, and tells whether any of them was there. */
  take(from: number, to: number): boolean {
    const isThere = this.#ranges.some((range) => range.from <= to && from <= range.to);
    if (isThere) this.#ranges = this.#ranges.flatMap((range) => without(range, from, to));
    return isThere;
  }
}

function without(range: IdRange, from: number, to: number): readonly IdRange[] {
  if (to < range.from || range.to < from) return [range];
  const left: IdRange[] = [];
  if (range.from < from) left.push({ from: range.from, to: from - 1 });
  if (to < range.to) left.push({ from: to + 1, to: range.to });
  return left;
}
