/** One side of a book: price levels in whole ticks, best first, with quantities in whole lots. */
export class Ladder {
  readonly #prices: number[] = [];
  readonly #lots: Map<number, number> = new Map();
  /** 1 when a lower price is better (asks), -1 when a higher one is (bids). */
  readonly #sign: 1 | -1;

  constructor(side: Side) {
    this.#sign = side === "ask" ? 1 : -1;
  }

  get size(): number {
    return this.#prices.length;
  }

  /** Best price, or `undefined` on an empty side. */
  get best(): number | undefined {
    return this.#prices[0];
  }

  /** Worst price, or `undefined` on an empty side. */
  get worst(): number | undefined {
    return this.#prices[this.#prices.length - 1];
  }

  /** The price at a depth, 0 being the best. */
  priceAt(depth: number): number | undefined {
    return this.#prices[depth];
  }

  /** Lots at a price; 0 where there is no level. */
  lotsAt(price: number): number {
    return this.#lots.get(price) ?? 0;
  }

  /** Sets a level; 0 lots remove it. */
  set(price: number, lots: number): void {
    const known = this.#lots.has(price);
    if (lots === 0) {
      if (!known) return;
      this.#lots.delete(price);
      this.#prices.splice(this.#place(price), 1);
      return;
    }
    this.#lots.set(price, lots);
    if (!known) this.#prices.splice(this.#place(price), 0, price);
  }

  /** Levels from the best on, at most `limit`, as `[ticks, lots]`. */
  levels(limit: number): Array<readonly [number, number]> {
    return this.#prices.slice(0, limit).map((price) => [price, this.lotsAt(price)] as const);
  }

  /** Where a price is, or where it belongs (binary search). */
  #place(price: number): number {
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#prices[middle] ?? 0) - price) * this.#sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export type Side = "bid" | "ask";

/** One change of one level. `lots` is the new absolute quantity; 0 removes the level. */
export interface BookChange {
  readonly side: Side;
  readonly price: number;
  readonly lots: number;
}

/** Both sides of one symbol's book. */
export class Book {
  readonly bids: Ladder = new Ladder("bid");
  readonly asks: Ladder = new Ladder("ask");

  side(side: Side): Ladder {
    return side === "bid" ? this.bids : this.asks;
  }

  apply(change: BookChange): void {
    this.side(change.side).set(change.price, change.lots);
  }

  copy(): Book {
    const copy = new Book();
    for (const [price, lots] of this.bids.levels(this.bids.size)) copy.bids.set(price, lots);
    for (const [price, lots] of this.asks.levels(this.asks.size)) copy.asks.set(price, lots);
    return copy;
  }
}
