/** Consecutive ids, both ends included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** A set of ids, as ranges: hours of events without a hole are one of them. */
export class IdRanges {
  readonly #ranges: { first: number; last: number }[] = [];

  /** Adds ids; most often those that follow the last ones, so that costs nothing. */
  add(first: number, last: number): void {
    const newest = this.#ranges.at(-1);
    if (newest !== undefined && first === newest.last + 1) newest.last = last;
    else this.#ranges.push({ first, last });
  }

  /** Both sets. */
  union(other: IdRanges): IdRanges {
    const both = new IdRanges();
    const sorted = [...this.#ranges, ...other.#ranges].sort((one, two) => one.first - two.first);
    let reached = Number.NEGATIVE_INFINITY;
    for (const { first, last } of sorted) {
      if (last > reached) both.add(Math.max(first, reached + 1), last);
      reached = Math.max(reached, last);
    }
    return both;
  }

  /** How many of these ids are in the set. */
  countIn(ranges: readonly IdRange[]): number {
    const mine = this.union(new IdRanges()).#ranges;
    let found = 0;
    for (const { first, last } of ranges) {
      for (const range of mine)
        found += Math.max(0, Math.min(last, range.last) - Math.max(first, range.first) + 1);
    }
    return found;
  }
}

/** How many ids the ranges have. */
export function countIds(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
