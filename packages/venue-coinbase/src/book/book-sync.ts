import type { Level2Event } from "../market/payloads.js";
import { OrderBook } from "./order-book.js";

/**
 * Why a book is lost.
 *
 * - `reconnected`: the connection broke
 * - `gap`: frames are missing, by the venue's numbers or because our own buffer dropped them
 * - `malformed`: a level cannot be read
 * - `crossed`: bids reach asks, and did not in the snapshot
 * - `requested`: by whoever holds the book
 */
export type LossReason = "reconnected" | "gap" | "malformed" | "crossed" | "requested";

/** What an input came to. */
export type BookVerdict =
  /** It is a new book, and good. */
  | { readonly kind: "built" }
  /** The book changed, and is good. */
  | { readonly kind: "applied" }
  /** It belongs to what is lost, or waits for no one. */
  | { readonly kind: "ignored" }
  /**
   * The book is empty until the next snapshot; `isKnown`: the connection sees to it that one comes.
   */
  | { readonly kind: "lost"; readonly reason: LossReason; readonly isKnown: boolean };

const BUILT: BookVerdict = { kind: "built" };
const APPLIED: BookVerdict = { kind: "applied" };
const IGNORED: BookVerdict = { kind: "ignored" };

/**
 * Makes a good book out of snapshots and changes, without clocks or requests. There are no ids:
 * what belongs together is told by the `stretch` of the events. While the book is not known to be
 * good it is empty, so that no level is seen that may not exist.
 */
export class BookSync {
  readonly book: OrderBook = new OrderBook();
  #isLive = false;
  /** The smallest stretch whose snapshot counts. */
  #needed = 0;
  #stretch = 0;
  #mayCross = false;

  /** Whether the book is good. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** What is known is not to be trusted; a snapshot must come after that. */
  lose(): void {
    this.#isLive = false;
    this.book.clear();
  }

  /**
   * Something is missing before this stretch. Events of before may come still, and are worth
   * nothing.
   */
  missed(stretch: number): BookVerdict {
    this.#needed = Math.max(this.#needed, stretch);
    if (!this.#isLive || this.#stretch >= stretch) return IGNORED;
    return this.#lost("gap", true);
  }

  event(event: Level2Event): BookVerdict {
    if (event.stretch < this.#needed) return IGNORED;
    const broke = this.#isLive && event.stretch > this.#stretch;
    this.#stretch = event.stretch;
    if (event.type === "snapshot") return this.#build(event);
    if (broke) return this.#lost("gap", true);
    return this.#isLive ? this.#apply(event) : IGNORED;
  }

  #build({ updates }: Level2Event): BookVerdict {
    if (!this.book.reset(updates)) return this.#lost("malformed", false);
    // In an auction a book may be crossed: then that is how it is.
    this.#mayCross = this.book.isCrossed;
    this.#isLive = true;
    return BUILT;
  }

  #apply({ updates }: Level2Event): BookVerdict {
    if (!this.book.apply(updates)) return this.#lost("malformed", false);
    if (!this.book.isCrossed) this.#mayCross = false;
    else if (!this.#mayCross) return this.#lost("crossed", false);
    return APPLIED;
  }

  #lost(reason: LossReason, isKnown: boolean): BookVerdict {
    this.lose();
    return { kind: "lost", reason, isKnown };
  }
}
