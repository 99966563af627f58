import { compareDecimals, DecimalError, isPrice, isQuantity } from "./decimal.js";
import { LevelSide } from "./level-side.js";
import type { Level } from "./level-side.js";
import type { LevelDraft } from "./level-source.js";

/** The side of a book on which a level stands. */
export type BookSide = "bid" | "ask";

/** Both sides of a book, without any idea of how they came about. */
export class BookLevels {
  readonly bids: LevelSide = new LevelSide("high");
  readonly asks: LevelSide = new LevelSide("low");

  /** Whether the best bid reaches the best ask. */
  get isCrossed(): boolean {
    const bid = this.bids.best;
    const ask = this.asks.best;
    return bid !== undefined && ask !== undefined && compareDecimals(bid.price, ask.price) >= 0;
  }

  side(side: BookSide): LevelSide {
    return side === "bid" ? this.bids : this.asks;
  }

  /**
   * Sets a level and returns it as it is kept.
   *
   * @throws DecimalError when it cannot be read; nothing has changed then
   */
  set({ side, price, quantity }: LevelDraft): Level {
    if (side === undefined) throw new DecimalError("side", side);
    if (!isPrice(price)) throw new DecimalError("price", price);
    if (!isQuantity(quantity)) throw new DecimalError("quantity", quantity);
    const level: Level = { price, quantity };
    this.side(side).set(level);
    return level;
  }
}
