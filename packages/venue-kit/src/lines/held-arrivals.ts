import type { IdRange } from "./id-ranges.js";

/** An event and when it came, whichever way. */
export interface ArrivedEvent<T> {
  readonly data: T;
  /** In monotonic milliseconds. */
  readonly receivedAt: number;
  /** In elapsed milliseconds, in which the machine's sleep counts. */
  readonly arrivedAt: number;
  readonly isCurrent: boolean;
}

/** An event with its ids. */
export interface Arrival<T> extends ArrivedEvent<T> {
  readonly first: number;
  readonly last: number;
  /** Whether a backfill brought it. */
  readonly backfilled: boolean;
}

/** Events that wait until what is missing before them came or is given up, ordered by their ids. */
export class HeldArrivals<T> {
  readonly #held: Arrival<T>[] = [];
  #oldestAt = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#held.length;
  }

  /** The one with the lowest ids. */
  get head(): Arrival<T> | undefined {
    return this.#held[0];
  }

  /**
   * When the oldest of the live ones arrived, in elapsed milliseconds; `Infinity` when there is
   * none.
   */
  get oldestAt(): number {
    return this.#oldestAt;
  }

  /** Tells whether it brought ids that no other one has. */
  add(arrival: Arrival<T>): boolean {
    const at = this.#placeOf(arrival.first);
    const before = this.#held[at - 1];
    const after = this.#held[at];
    if (before !== undefined && before.last >= arrival.last) return false;
    if (after?.first === arrival.first && after.last >= arrival.last) return false;
    this.#held.splice(at, 0, arrival);
    if (!arrival.backfilled) this.#oldestAt = Math.min(this.#oldestAt, arrival.arrivedAt);
    return true;
  }

  shift(): Arrival<T> | undefined {
    const head = this.#held.shift();
    if (head?.arrivedAt === this.#oldestAt) this.#findOldest();
    return head;
  }

  /** The ids of a range that none of the held ones has. */
  missing({ from, to }: IdRange): readonly IdRange[] {
    const missing: IdRange[] = [];
    let next = from;
    for (const { first, last } of this.#held) {
      if (first > to) break;
      if (first > next) missing.push({ from: next, to: first - 1 });
      next = Math.max(next, last + 1);
    }
    if (next <= to) missing.push({ from: next, to });
    return missing;
  }

  #findOldest(): void {
    this.#oldestAt = Number.POSITIVE_INFINITY;
    for (const { arrivedAt, backfilled } of this.#held)
      if (!backfilled && arrivedAt < this.#oldestAt) this.#oldestAt = arrivedAt;
  }

  /** Where an event that begins with this id belongs. Nearly always at the end. */
  #placeOf(first: number): number {
    let low = 0;
    let high = this.#held.length;
    const last = this.#held[high - 1];
    if (last === undefined || last.first < first) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#held[middle]?.first ?? first) < first) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
