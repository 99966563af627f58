import type { OrderBook } from "@oath-ws/venue-kit";
import { demand } from "../core/violated.js";
import { bookText } from "./source-book.js";
import type { SourceBook } from "./source-book.js";

/** A relayed book of one reader: it equals the venue's at its position, or is not live. */
export class BookAccount {
  readonly #source: SourceBook;
  readonly #reach: (name: string) => void;
  #phase = "";
  #seen: number | undefined;

  constructor(source: SourceBook, reach: (name: string) => void) {
    this.#source = source;
    this.#reach = reach;
  }

  /** Called at each settled step. */
  look(book: OrderBook): void {
    const { phase } = book.state.snapshot;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#reach(`a relayed book is ${phase}`);
    } else if (book.updateId === this.#seen) return;
    this.#seen = book.updateId;
    if (phase === "live") this.#compare(book);
  }

  /** When the market stands still, and everything was read. */
  checkEnd(book: OrderBook): void {
    this.#compare(book);
    const { phase } = book.state.snapshot;
    const { updateId } = this.#source;
    demand(
      phase === "live" && book.updateId === updateId,
      "a relayed book comes back",
      () => `it is ${phase} at ${book.updateId}, and the venue's at ${updateId}`,
    );
  }

  #compare(book: OrderBook): void {
    const { updateId = -1 } = book;
    const ours = bookText(levels(book.bids), levels(book.asks));
    const theirs = this.#source.at(updateId);
    demand(
      ours === theirs,
      "a relayed book equals the venue's",
      () => `at ${updateId}: ${ours}; the venue had ${theirs}`,
    );
  }
}

function levels(side: OrderBook["bids"]): readonly (readonly [string, string])[] {
  return side.map(({ price, quantity }) => [price, quantity]);
}
