import type { SeededRandom } from "../random.js";

/** One execution. Ids are contiguous per symbol (B-17). */
export interface Trade {
  readonly id: number;
  /** Price in ticks. */
  readonly price: number;
  /** Quantity in lots. */
  readonly lots: number;
  readonly buyerIsMaker: boolean;
}

/** One taker order at one price: an aggregate trade and the executions it is made of. */
export interface TakerOrder {
  readonly aggregateId: number;
  readonly price: number;
  readonly lots: number;
  readonly buyerIsMaker: boolean;
  readonly trades: readonly Trade[];
}

const MAX_ORDER_LOTS = 20_000;
const MAX_EXECUTIONS = 3;

/** Generates taker orders against the best prices. They print; they do not change the book. */
export class TradeGenerator {
  readonly #random: SeededRandom;
  #nextTrade = 1;
  #nextAggregate = 1;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Id of the last execution; 0 before the first. */
  get lastTradeId(): number {
    return this.#nextTrade - 1;
  }

  /** Id of the last aggregate; 0 before the first. */
  get lastAggregateId(): number {
    return this.#nextAggregate - 1;
  }

  /** How many orders the next step brings; the mean is `mean`. */
  countForStep(mean: number): number {
    return Math.floor(mean * 2 * this.#random.next() + this.#random.next());
  }

  /**
   * The next order, at the best bid or ask given in ticks. `random` lets a burst draw from a source
   * of its own.
   */
  next(
    bestBid: number,
    bestAsk: number,
    random: SeededRandom = this.#random,
    maxExecutions: number = MAX_EXECUTIONS,
  ): TakerOrder {
    const buyerIsMaker = random.chance(0.5);
    const price = buyerIsMaker ? bestBid : bestAsk;
    const trades: Trade[] = [];
    const executions = random.between(1, maxExecutions);
    let lots = 0;
    for (let execution = 0; execution < executions; execution++) {
      const part = random.between(1, MAX_ORDER_LOTS);
      lots += part;
      trades.push({ id: this.#nextTrade++, price, lots: part, buyerIsMaker });
    }
    return { aggregateId: this.#nextAggregate++, price, lots, buyerIsMaker, trades };
  }
}
