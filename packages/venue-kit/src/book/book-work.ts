import type { BookLevels } from "./book-levels.js";
import type { BookChanges, BookImage } from "./book-rule.js";
import { DecimalError } from "./decimal.js";
import type { Level } from "./level-side.js";
import type { LevelDraft } from "./level-source.js";

/** A message of which levels are taken up: a snapshot into levels of its own, or changes. */
type BookInput<Raw> =
  | { readonly kind: "image"; readonly image: BookImage; readonly into: BookLevels }
  | { readonly kind: "changes"; readonly changes: BookChanges<Raw> };

/** Read again for each level: an object for each would be garbage at once. */
const draft: LevelDraft = { side: undefined, price: undefined, quantity: undefined };

/** How far a message is taken up. */
export class BookWork<Raw> {
  readonly input: BookInput<Raw>;
  /** The levels that changes brought, as they are kept. Empty for a snapshot. */
  readonly bids: Level[] = [];
  readonly asks: Level[] = [];
  #done = 0;

  constructor(input: BookInput<Raw>) {
    this.input = input;
  }

  get hasBegun(): boolean {
    return this.#done > 0;
  }

  get isDone(): boolean {
    return this.#done >= this.#size;
  }

  /**
   * Whether the next part may be taken up with this budget. Changes are begun only in a turn that
   * can finish them, unless no turn can.
   */
  fits(budget: number, perTurn: number): boolean {
    const isWhole = this.input.kind === "changes" && this.#size <= perTurn;
    return budget >= (isWhole ? Math.max(1, this.#size) : 1);
  }

  /** Takes up at most `budget` levels. Stops at the first one that cannot be read. */
  take(
    into: BookLevels,
    budget: number,
  ): { readonly taken: number; readonly fault?: DecimalError } {
    const { input } = this;
    const { levels } = input.kind === "image" ? input.image : input.changes;
    const from = this.#done;
    const to = Math.min(this.#size, from + budget);
    try {
      for (; this.#done < to; this.#done++) {
        levels.read(this.#done, draft);
        const level = into.set(draft);
        if (input.kind === "changes") (draft.side === "bid" ? this.bids : this.asks).push(level);
      }
      return { taken: to - from };
    } catch (fault) {
      if (!(fault instanceof DecimalError)) throw fault;
      return { taken: this.#done - from, fault };
    }
  }

  get #size(): number {
    const { input } = this;
    return (input.kind === "image" ? input.image : input.changes).levels.size;
  }
}
