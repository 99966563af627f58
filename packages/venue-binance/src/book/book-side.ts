import type { PriceLevel } from "../market/payloads.js";

/** A price and what stands at it, as the venue writes them. */
export interface Level {
  readonly price: string;
  readonly quantity: string;
}

/**
 * One side of a book, best price first. Prices are ordered as numbers (a double tells any two of
 * the venue's prices with 8 decimals apart) and kept as the venue's text.
 */
export class BookSide {
  /** 1 when a low price is the best (asks), -1 when a high one is (bids). */
  readonly #sign: 1 | -1;
  /** `sign * price`, ascending. */
  #keys: number[] = [];
  #levels: Level[] = [];

  constructor(best: "low" | "high") {
    this.#sign = best === "low" ? 1 : -1;
  }

  /**
   * Best first. The same array until the side changes hands; it shows later changes, so copy what
   * must stay.
   */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /** The best price as a number; `undefined` when the side is empty. */
  get bestPrice(): number | undefined {
    const key = this.#keys[0];
    return key === undefined ? undefined : key * this.#sign;
  }

  /** The quantity at a price, `undefined` for none. The price may be written in any way. */
  quantityAt(price: string): string | undefined {
    const index = this.#find(this.#sign * Number(price));
    return index < 0 ? undefined : this.#levels[index]?.quantity;
  }

  clear(): void {
    this.#keys = [];
    this.#levels = [];
  }

  /** Replaces everything. Answers like {@link apply}. */
  reset(levels: readonly PriceLevel[]): boolean {
    this.clear();
    return this.apply(levels);
  }

  /**
   * Sets the quantity at each price; zero removes it, and removing what is not there is normal
   * (reference 2.4). `false`, with the side half done, when these are no levels or a price or
   * quantity is no number: in the order of prices it would be nowhere. The venue's word for the
   * type is not taken: a book must not fail for good over one frame.
   */
  apply(changes: readonly PriceLevel[]): boolean {
    if (!Array.isArray(changes)) return false;
    for (const change of changes)
      if (!Array.isArray(change) || !this.#set(change[0], change[1])) return false;
    return true;
  }

  #set(price: unknown, quantity: unknown): boolean {
    if (typeof price !== "string" || typeof quantity !== "string") return false;
    const key = this.#sign * Number(price);
    const amount = Number(quantity);
    if (!(Number.isFinite(key) && amount >= 0)) return false;
    const index = this.#find(key);
    // Zero is written with decimals: it is compared as a number.
    if (amount === 0) {
      if (index < 0) return true;
      this.#keys.splice(index, 1);
      this.#levels.splice(index, 1);
    } else if (index < 0) {
      this.#keys.splice(~index, 0, key);
      this.#levels.splice(~index, 0, { price, quantity });
    } else {
      this.#levels[index] = { price, quantity };
    }
    return true;
  }

  /** Where a key is, or the complement of where it would be. */
  #find(key: number): number {
    const keys = this.#keys;
    // Most changes are near the best price, and snapshots come sorted: look at both ends first.
    const last = keys.length - 1;
    if (last < 0 || key > (keys[last] as number)) return ~(last + 1);
    let low = 0;
    let high = last;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = keys[middle] as number;
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return ~low;
  }
}
