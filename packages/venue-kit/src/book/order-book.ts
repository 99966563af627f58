import type { EventAge } from "../topic/event-age.js";
import type { TopicStream } from "../topic/topic-stream.js";
import type { TopicWatch } from "../topic/topic-watch.js";
import type { BookLevels, BookSide } from "./book-levels.js";
import type { BookUpdate } from "./book-update.js";
import { DecimalError, isPrice } from "./decimal.js";
import type { Level } from "./level-side.js";

/** The levels at one depth of both sides. */
export interface LevelPair {
  readonly bid: Level;
  readonly ask: Level;
}

/** What an {@link OrderBook} is shown through. */
export interface BookView<Raw> {
  readonly symbol: string;
  readonly state: TopicWatch;
  readonly updates: TopicStream<BookUpdate<Raw>>;
  /** Levels a side that are kept at most. */
  readonly depth: number;
  /** Empty while the book is not whole. */
  levels(): BookLevels;
  updateId(): number | undefined;
  /** Milliseconds since the newest update in it arrived; `undefined` while the book is empty. */
  ageMs(): number | undefined;
  /** The age of the newest message of the topic by both clocks, where that is known. */
  age(): EventAge | undefined;
  resync(): void;
  close(): void;
}

/**
 * The order book of one symbol, the same for every venue. Prices and quantities are the venue's own
 * text; prices are compared by value, exactly.
 *
 * Look at `state` before you trust it: `live` says that the book is complete as of the last update
 * that came. While anything is missing it is empty and `recovering`, so that what is in it never is
 * a ghost. Big snapshots and updates are taken up over several turns of the event loop, and a book
 * that is only partly changed is never shown.
 */
export class OrderBook<Raw = unknown> implements Disposable {
  /** The symbol as the venue writes it. */
  readonly symbol: string;
  /** Whether the book is complete. `failed` when the venue refused the symbol for good. */
  readonly state: TopicWatch;
  /** What happened to the book, for one reader. */
  readonly updates: TopicStream<BookUpdate<Raw>>;
  readonly #view: BookView<Raw>;

  /** Use an adapter's `book()`, or `keepBook` in an adapter. */
  constructor(view: BookView<Raw>) {
    this.symbol = view.symbol;
    this.state = view.state;
    this.updates = view.updates;
    this.#view = view;
  }

  /**
   * Bids, best first. The array does not change later. It is made when it is read after a change,
   * which costs time for deep books: use {@link at} or {@link top} for a few levels.
   */
  get bids(): readonly Level[] {
    return this.#view.levels().bids.list();
  }

  /** Asks, best first; see {@link bids}. */
  get asks(): readonly Level[] {
    return this.#view.levels().asks.list();
  }

  /** Levels on both sides together. */
  get size(): number {
    const { bids, asks } = this.#view.levels();
    return bids.size + asks.size;
  }

  /** The best bid and ask; `undefined` when a side is empty. */
  get best(): LevelPair | undefined {
    return this.at(0);
  }

  /** The venue's number of the last update in it; `undefined` while it is empty or has none. */
  get updateId(): number | undefined {
    return this.#view.updateId();
  }

  /**
   * Bid and ask at an index, 0 for the best; `undefined` when either side does not reach that far.
   */
  at(index: number): LevelPair | undefined {
    const { bids, asks } = this.#view.levels();
    const bid = bids.at(index);
    const ask = asks.at(index);
    return bid === undefined || ask === undefined ? undefined : { bid, ask };
  }

  /** The best levels of a side, at most `count`. */
  top(side: BookSide, count: number): readonly Level[] {
    return this.#view.levels().side(side).top(count);
  }

  /**
   * What stands at a price, `undefined` for nothing. `"1.0"` and `"1.00"` are the same price. Ask
   * {@link isKnown} to tell "nothing" from "not known".
   *
   * @throws DecimalError when the price is not a plain decimal number
   */
  quantityAt(side: BookSide, price: string): string | undefined {
    return this.#view.levels().side(side).quantityAt(checked(price));
  }

  /**
   * Whether the book knows what stands at a price. False while the book is empty, and beyond
   * {@link knownTo}.
   *
   * @throws DecimalError when the price is not a plain decimal number
   */
  isKnown(side: BookSide, price: string): boolean {
    const isKnown = this.#view.levels().side(side).knows(checked(price), this.#view.depth);
    return isKnown && this.#view.ageMs() !== undefined;
  }

  /**
   * The worst price of a side down to which the book is complete: the last one of a snapshot that
   * the venue limits, or of as many levels as the venue keeps us informed of. Levels beyond it are
   * not shown. `undefined` when all levels are known.
   */
  knownTo(side: BookSide): string | undefined {
    return this.#view.levels().side(side).knownTo(this.#view.depth);
  }

  /**
   * Whether the book is `live` and its newest update arrived at most `maxAgeMs` ago. Time during
   * which the machine slept counts. A quiet symbol has no updates: ask `state` whether the feed
   * stands.
   */
  isFresh(maxAgeMs: number): boolean {
    const ageMs = this.#view.ageMs();
    return this.state.snapshot.phase === "live" && ageMs !== undefined && ageMs <= maxAgeMs;
  }

  /**
   * How old the newest message about the book is, by our clock and by the venue's; `undefined`
   * while the book is empty. A quiet symbol grows old without being wrong.
   */
  age(): EventAge | undefined {
    return this.#view.ageMs() === undefined ? undefined : this.#view.age();
  }

  /** Throws the book away and builds it again from a new snapshot. Repeated ones are paced. */
  resync(): void {
    this.#view.resync();
  }

  /**
   * Gives the book up: it is empty from now on, its updates end, and its topic is unsubscribed if
   * nothing else holds it. Idempotent.
   */
  close(): void {
    this.#view.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function checked(price: string): string {
  if (!isPrice(price)) throw new DecimalError("price", price);
  return price;
}
