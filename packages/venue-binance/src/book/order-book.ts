import type { DepthSnapshot, DepthUpdate } from "../market/payloads.js";
import { BookSide } from "./book-side.js";
import type { Level } from "./book-side.js";

/** The levels at one depth of both sides. */
export interface LevelPair {
  readonly bid: Level;
  readonly ask: Level;
}

/**
 * Both sides of a symbol's book and the id of the last update in it. Knows nothing of gaps: see
 * `BookSync`.
 */
export class OrderBook {
  readonly #bids = new BookSide("high");
  readonly #asks = new BookSide("low");
  #lastUpdateId = 0;

  /** Best first. */
  get bids(): readonly Level[] {
    return this.#bids.levels;
  }

  /** Best first. */
  get asks(): readonly Level[] {
    return this.#asks.levels;
  }

  /** The venue's id of the last update applied; 0 when empty. */
  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }

  /** Whether somebody would pay more than somebody asks: no real book is so. */
  get isCrossed(): boolean {
    const bid = this.#bids.bestPrice;
    const ask = this.#asks.bestPrice;
    return bid !== undefined && ask !== undefined && bid >= ask;
  }

  /**
   * Both levels at a depth, 0 for the best; `undefined` when either side does not reach that far.
   */
  at(depth: number): LevelPair | undefined {
    const bid = this.bids[depth];
    const ask = this.asks[depth];
    return bid === undefined || ask === undefined ? undefined : { bid, ask };
  }

  /** What stands at a price, `undefined` for nothing. The price may be written in any way. */
  quantityAt(side: "bid" | "ask", price: string): string | undefined {
    return (side === "bid" ? this.#bids : this.#asks).quantityAt(price);
  }

  /**
   * Replaces everything. `false` when a level is unreadable: the book is good for nothing then,
   * {@link clear} it.
   */
  reset({ lastUpdateId, bids, asks }: DepthSnapshot): boolean {
    this.#lastUpdateId = lastUpdateId;
    return this.#bids.reset(bids) && this.#asks.reset(asks);
  }

  /** Takes up a diff. Answers like {@link reset}. */
  apply({ u, b, a }: DepthUpdate): boolean {
    this.#lastUpdateId = u;
    return this.#bids.apply(b) && this.#asks.apply(a);
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#lastUpdateId = 0;
  }
}
