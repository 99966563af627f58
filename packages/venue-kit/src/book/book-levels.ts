import { DecimalError } from "./decimal.js";
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
    return this.bids.reaches(this.asks);
  }

  side(side: BookSide): LevelSide {
    return side === "bid" ? this.bids : this.asks;
  }

  /**
   * Sets a level and returns it as it is kept.
   *
   * @throws DecimalError when it cannot be read; nothing has changed then
   */
  set(draft: LevelDraft): Level {
    const { side } = draft;
    if (side === undefined) throw new DecimalError("side", side);
    return this.side(side).set(draft);
  }
}
