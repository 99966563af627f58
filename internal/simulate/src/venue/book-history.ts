import type { OrderBook } from "@oath-ws/venue-kit";
import { isSame } from "./book-difference.js";

type Pairs = ReadonlyArray<readonly [price: string, quantity: string]>;

/** The venue's book at one moment, best first. */
interface Truth {
  readonly bids: Pairs;
  readonly asks: Pairs;
}

/** How many moves of the market are kept: what is on its way longer was replaced meanwhile. */
const KEPT = 512;

/**
 * Every state that the venue's book of one symbol had lately, for a venue that numbers no updates:
 * a book equals one of them, and never an older one than before.
 */
export class BookHistory {
  readonly #states: Truth[] = [];
  /** How many states are not kept any more. */
  #gone = 0;
  /** The number of the state that the book had last. */
  #last = 0;

  /** The market has moved. The state is kept as it is given. */
  add(state: Truth): void {
    this.#states.push(state);
    if (this.#states.length <= KEPT) return;
    this.#states.shift();
    this.#gone++;
  }

  /** Why the book is none of these states; `undefined` when it is one. */
  difference({ bids, asks }: OrderBook): string | undefined {
    for (let at = Math.max(0, this.#last - this.#gone); at < this.#states.length; at++) {
      const state = this.#states[at];
      if (state === undefined || !equals(bids, state.bids) || !equals(asks, state.asks)) continue;
      this.#last = this.#gone + at;
      return undefined;
    }
    return "it is no state that the venue's book had since the last one";
  }
}

function equals(ours: OrderBook["bids"], theirs: Pairs): boolean {
  return (
    ours.length === theirs.length &&
    theirs.every(
      ([price, quantity], i) =>
        isSame(ours[i]?.price, price) && isSame(ours[i]?.quantity, quantity),
    )
  );
}
