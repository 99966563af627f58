import type { OrderBook } from "@oath-ws/venue-kit";

/** The venue's book at one moment, best first. */
interface Truth {
  readonly bids: ReadonlyArray<readonly [price: string, quantity: string]>;
  readonly asks: ReadonlyArray<readonly [price: string, quantity: string]>;
}

/** How many moves of the market are kept: what is on its way longer was replaced meanwhile. */
const KEPT = 512;

/**
 * Every state that the venue's book of one symbol had lately, for a venue that numbers no updates:
 * a book equals one of them, and never an older one than before.
 */
export class BookHistory {
  readonly #states: string[] = [];
  /** How many states are not kept any more. */
  #gone = 0;
  /** The number of the state that the book had last. */
  #last = 0;

  /** The market has moved. */
  add({ bids, asks }: Truth): void {
    this.#states.push(textOf(bids, asks));
    if (this.#states.length <= KEPT) return;
    this.#states.shift();
    this.#gone++;
  }

  /** Why the book is none of these states; `undefined` when it is one. */
  difference(book: OrderBook): string | undefined {
    const side = (levels: OrderBook["bids"]): readonly (readonly [string, string])[] =>
      levels.map(({ price, quantity }) => [price, quantity]);
    const text = textOf(side(book.bids), side(book.asks));
    const at = this.#states.indexOf(text, Math.max(0, this.#last - this.#gone));
    if (at === -1) return "it is no state that the venue's book had since the last one";
    this.#last = this.#gone + at;
    return undefined;
  }
}

function textOf(...sides: readonly Truth["bids"][]): string {
  return sides
    .map((side) => side.map(([price, quantity]) => `${Number(price)} ${Number(quantity)}`).join())
    .join("|");
}
