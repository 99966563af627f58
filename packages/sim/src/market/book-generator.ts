import type { SeededRandom } from "../random.js";
import { Book, type BookChange, type Side } from "./book.js";

/** What shapes a generated book. */
export interface BookShape {
  /** Price around which the book starts and to which it drifts back, in ticks. */
  readonly startPrice: number;
  /** Levels kept on each side. */
  readonly levels: number;
  /**
   * Most changes in one step; at least 2 happen, so that a snapshot can always fall inside a batch.
   */
  readonly changesPerStep: number;
}

/** Largest quantity of a level, in lots. */
const MAX_LOTS = 500_000;
/** Ticks between the best prices above which the next thing to happen is a quote between them. */
const WIDE_SPREAD = 8;
/** Ticks per level that a side may reach from best to worst. */
const MAX_REACH = 4;

/**
 * Generates the changes of one symbol's book, one step at a time, from its own random source. It
 * works on a book of its own that is always one step ahead of what is published. Not crossed after
 * any single change, so not after any batch either.
 */
export class BookGenerator {
  readonly #random: SeededRandom;
  readonly #shape: BookShape;
  readonly #ahead: Book = new Book();

  constructor(random: SeededRandom, shape: BookShape) {
    this.#random = random;
    this.#shape = shape;
  }

  /** The changes that fill an empty book. Call first, once. */
  initial(): readonly BookChange[] {
    const changes: BookChange[] = [];
    for (let depth = 0; depth < this.#shape.levels; depth++) {
      const bid = this.#shape.startPrice - 1 - depth;
      if (bid > 0) this.#change(changes, "bid", bid, this.#lots());
      this.#change(changes, "ask", this.#shape.startPrice + 1 + depth, this.#lots());
    }
    return changes;
  }

  /** The changes of the next step, in the order in which they happen. */
  next(): readonly BookChange[] {
    const changes: BookChange[] = [];
    const count = this.#random.between(2, Math.max(2, this.#shape.changesPerStep));
    while (changes.length < count) this.#move(changes);
    return changes;
  }

  #move(changes: BookChange[]): void {
    const side: Side = this.#random.chance(0.5) ? "bid" : "ask";
    const ladder = this.#ahead.side(side);
    const dice = this.#random.next();
    const spread = (this.#ahead.asks.best ?? 0) - (this.#ahead.bids.best ?? 0);
    if (spread > WIDE_SPREAD) {
      // Lifting takes whole gaps away: without this the sides would drift apart.
      this.#improve(changes, side);
    } else if (dice < 0.12) {
      // Lift the best level. A price far from where it started is pulled back by lifting the other
      // side more often.
      const drifted = (ladder.best ?? this.#shape.startPrice) - this.#shape.startPrice;
      const pulled: Side = this.#random.chance(0.5 + this.#pull(drifted)) ? "bid" : "ask";
      const lifted = this.#ahead.side(pulled);
      if (lifted.best !== undefined && lifted.size > 1)
        this.#change(changes, pulled, lifted.best, 0);
      this.#refill(changes, pulled);
    } else if (dice < 0.24) {
      this.#improve(changes, side);
    } else if (dice < 0.36 && ladder.size > this.#shape.levels / 2) {
      const price = ladder.priceAt(this.#random.between(1, ladder.size - 1));
      if (price !== undefined) this.#change(changes, side, price, 0);
      this.#refill(changes, side);
    } else {
      // Most traffic is near the top: the product of two uniform draws leans to small depths.
      const depth = Math.floor(this.#random.next() * this.#random.next() * ladder.size);
      const price = ladder.priceAt(depth);
      if (price !== undefined) this.#change(changes, side, price, this.#lots());
    }
  }

  /**
   * Probability shift, at most 0.3, that lifts bids when the price is high and asks when it is low.
   */
  #pull(drifted: number): number {
    const span = Math.max(1, this.#shape.startPrice / 20);
    return Math.max(-0.3, Math.min(0.3, (drifted / span) * 0.3));
  }

  /** Quotes somewhere inside the spread, if there is room for it. */
  #improve(changes: BookChange[], side: Side): void {
    const bid = this.#ahead.bids.best;
    const ask = this.#ahead.asks.best;
    if (bid === undefined || ask === undefined || ask - bid < 2) return;
    const price = this.#random.between(bid + 1, ask - 1);
    this.#change(changes, side, price, this.#lots());
    const ladder = this.#ahead.side(side);
    if (ladder.size > this.#shape.levels && ladder.worst !== undefined)
      this.#change(changes, side, ladder.worst, 0);
  }

  /**
   * Adds levels somewhere behind the best one if the side has lost some, and lets go of one that
   * was left far behind.
   */
  #refill(changes: BookChange[], side: Side): void {
    const ladder = this.#ahead.side(side);
    const { levels } = this.#shape;
    const { best, worst } = ladder;
    if (best === undefined || worst === undefined) return;
    if (ladder.size > 2 && Math.abs(worst - best) > levels * MAX_REACH)
      this.#change(changes, side, worst, 0);
    // Two at a time, because a lifted level and a far one may have gone together.
    for (let added = 0; added < 2 && ladder.size < levels; added++) {
      const away = side === "bid" ? -1 : 1;
      let price = best + away * this.#random.between(1, levels * 2);
      while (ladder.lotsAt(price) > 0) price += away;
      if (price > 0) this.#change(changes, side, price, this.#lots());
    }
  }

  #lots(): number {
    return this.#random.between(1, MAX_LOTS);
  }

  #change(changes: BookChange[], side: Side, price: number, lots: number): void {
    const change: BookChange = { side, price, lots };
    this.#ahead.apply(change);
    changes.push(change);
  }
}
