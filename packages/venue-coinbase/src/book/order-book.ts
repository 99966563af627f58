import type { LevelUpdate } from "../market/payloads.js";
import { BookSide } from "./book-side.js";
import type { Level } from "./book-side.js";

/** The levels at one depth of both sides. */
export interface LevelPair {
  readonly bid: Level;
  readonly ask: Level;
}

/** Both sides of a product's book. Knows nothing of gaps: see `BookSync`. */
export class OrderBook {
  readonly #bids = new BookSide("high");
  readonly #asks = new BookSide("low");

  /** Best first. */
  get bids(): readonly Level[] {
    return this.#bids.levels;
  }

  /** Best first. */
  get asks(): readonly Level[] {
    return this.#asks.levels;
  }

  /** Whether somebody would pay as much as somebody asks: between auctions no book is so. */
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
  reset(updates: readonly LevelUpdate[]): boolean {
    const bids: Level[] = [];
    const asks: Level[] = [];
    for (const update of updates) {
      const side = update.side === "bid" ? bids : update.side === "offer" ? asks : undefined;
      if (side === undefined) return false;
      side.push(levelOf(update));
    }
    return this.#bids.reset(bids) && this.#asks.reset(asks);
  }

  /** Takes up changes: absolute quantities. Answers like {@link reset}. */
  apply(updates: readonly LevelUpdate[]): boolean {
    return updates.every((update) => {
      if (update.side === "bid") return this.#bids.set(levelOf(update));
      return update.side === "offer" && this.#asks.set(levelOf(update));
    });
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }
}

function levelOf({ price_level: price, new_quantity: quantity }: LevelUpdate): Level {
  return { price, quantity };
}
