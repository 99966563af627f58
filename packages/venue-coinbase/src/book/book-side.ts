/** A price and what stands at it, as the venue writes them. */
export interface Level {
  readonly price: string;
  readonly quantity: string;
}

interface Entry {
  readonly level: Level;
  /** Ascending from the best price on. */
  readonly rank: number;
}

/**
 * One side of a book, best price first. Made for snapshots of tens of thousands of levels, and
 * changes near the top.
 */
export class BookSide {
  /**
   * What a price is multiplied with to give a rank: asks are good when they are low, bids when they
   * are high.
   */
  readonly #direction: 1 | -1;
  #levels: Level[] = [];
  #ranks: number[] = [];

  constructor(best: "low" | "high") {
    this.#direction = best === "low" ? 1 : -1;
  }

  /** Best first. Shows later changes until the next snapshot: copy what must stay. */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /** The best price as a number; `undefined` when the side is empty. */
  get bestPrice(): number | undefined {
    const rank = this.#ranks[0];
    return rank === undefined ? undefined : rank * this.#direction;
  }

  /** The quantity at a price, however that is written; `undefined` for none. */
  quantityAt(price: string): string | undefined {
    const rank = this.#rank(price);
    const index = this.#place(rank);
    return this.#ranks[index] === rank ? this.#levels[index]?.quantity : undefined;
  }

  clear(): void {
    this.#levels = [];
    this.#ranks = [];
  }

  /**
   * Replaces everything, whatever the order of the levels. `false`, with the side empty, when one
   * of them is unreadable.
   */
  reset(levels: Iterable<Level>): boolean {
    this.clear();
    const entries = new Map<number, Entry>();
    for (const level of levels) {
      const rank = this.#rank(level.price);
      if (!isReadable(rank, level.quantity)) return false;
      if (Number(level.quantity) > 0) entries.set(rank, { level, rank });
      else entries.delete(rank);
    }
    const sorted = Array.from(entries.values()).sort((one, other) => one.rank - other.rank);
    this.#levels = sorted.map(({ level }) => level);
    this.#ranks = sorted.map(({ rank }) => rank);
    return true;
  }

  /**
   * Sets what stands at a price; zero, however written, removes it. `false`, with nothing changed,
   * when the level is unreadable.
   */
  set(level: Level): boolean {
    const rank = this.#rank(level.price);
    if (!isReadable(rank, level.quantity)) return false;
    const index = this.#place(rank);
    const isThere = this.#ranks[index] === rank;
    if (Number(level.quantity) === 0) {
      if (!isThere) return true;
      this.#ranks.splice(index, 1);
      this.#levels.splice(index, 1);
    } else if (isThere) {
      this.#levels[index] = level;
    } else {
      this.#ranks.splice(index, 0, rank);
      this.#levels.splice(index, 0, level);
    }
    return true;
  }

  #rank(price: string): number {
    return typeof price === "string" && price.trim() !== ""
      ? Number(price) * this.#direction
      : Number.NaN;
  }

  /** Where a rank is, or would be. */
  #place(rank: number): number {
    let low = 0;
    let high = this.#ranks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranks[middle] ?? 0) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isReadable(rank: number, quantity: string): boolean {
  return (
    Number.isFinite(rank) &&
    typeof quantity === "string" &&
    quantity.trim() !== "" &&
    Number(quantity) >= 0
  );
}
