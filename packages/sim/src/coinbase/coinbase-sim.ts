import type { SimRecord } from "../record.js";
import type { RunningSim } from "../sim-venue.js";
import type { CoinbaseAccount } from "./account.js";
import type { CoinbaseFaults } from "./coinbase-fault.js";
import type { CoinbaseSimStats } from "./stats.js";

/**
 * A running Coinbase Advanced Trade simulator. Made by {@link startCoinbaseSim}; must be ended with
 * `close`.
 */
export interface CoinbaseSim extends RunningSim<CoinbaseSimStats> {
  /** `ws://host:port`: the market endpoint, where user channels work too (C-1). */
  readonly url: string;
  /** `ws://host:port/user`: the user endpoint. */
  readonly userUrl: string;
  /** `http://host:port`: REST, of which there are the public trades of a product (C-25). */
  readonly restUrl: string;
  readonly market: CoinbaseSimMarket;
  /**
   * What was published and sent, by `channel:product`: `market_trades` with trade ids, `level2`
   * with the numbers of the level changes, and under `*` the `sequence_num`s of the event frames
   * that a connection was sent.
   */
  readonly record: SimRecord;
  readonly faults: CoinbaseFaults;
  /** The account with a key; without a name, the first. Throws for an unknown one. */
  account(keyName?: string): CoinbaseAccount;
}

/** A product's book, as printed, best first. */
export interface CoinbaseSimBook {
  /** Level changes so far. */
  readonly changes: number;
  readonly bids: ReadonlyArray<readonly [price: string, quantity: string]>;
  readonly asks: ReadonlyArray<readonly [price: string, quantity: string]>;
}

/** The generated market, from outside. */
export interface CoinbaseSimMarket {
  readonly products: readonly string[];
  /** Steps made so far; a step is 100 ms of market time. */
  readonly steps: number;
  /** The book as it is now. Throws for an unknown product. */
  book(product: string): CoinbaseSimBook;
  lastTradeId(product: string): number;
  /**
   * Moves every product on by so many steps (default 1), now; events are sent. For
   * `market.auto: false`.
   */
  step(count?: number): void;
}
