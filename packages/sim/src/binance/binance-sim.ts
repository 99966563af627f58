import type { Faults } from "../faults/faults.js";
import type { SimAccount } from "./api/sim-account.js";
import type { DepthSnapshot } from "../market/symbol-market.js";
import type { SimRecord } from "../record.js";
import type { RunningSim } from "../sim-venue.js";
import type { SimStats } from "./stats.js";

/** A running Binance simulator. Made by {@link startBinanceSim}; must be ended with `close`. */
export interface BinanceSim extends RunningSim<SimStats> {
  /** `ws://host:port`. Market streams at `/ws` and `/stream`, the WebSocket API at `/ws-api/v3`. */
  readonly url: string;
  /**
   * `ws://host:port` of the market streams in SBE, at `/ws` and `/stream`. It wants the API key of
   * an account with a public key in the header `X-MBX-APIKEY`.
   */
  readonly sbeUrl: string;
  /** `http://host:port`, for REST: `/api/v3/depth` and others. */
  readonly restUrl: string;
  /** The generated market. */
  readonly market: SimMarket;
  /** What was published and sent: the truth to compare a client with. */
  readonly record: BinanceSimRecord;
  /** Makes things go wrong. */
  readonly faults: Faults;
  /** The account with an API key; without one, the first. Throws for an unknown key. */
  account(apiKey?: string): SimAccount;
}

/** A symbol's last ids; 0 before the first. */
export interface LastIds {
  readonly updateId: number;
  readonly tradeId: number;
  readonly aggregateId: number;
}

/** The generated market, from outside. */
export interface SimMarket {
  /** Upper-case names. */
  readonly symbols: readonly string[];
  /** Steps made so far; a step is 100 ms of market time. */
  readonly steps: number;
  /** The book as it is now, all levels. Throws for an unknown symbol. */
  book(symbol: string): DepthSnapshot;
  /** Ids handed out so far. Throws for an unknown symbol. */
  lastIds(symbol: string): LastIds;
  /**
   * Moves every symbol on by so many steps (default 1), now; events are sent. For
   * `market.auto: false`.
   */
  step(count?: number): void;
}

/** The simulator's record, with the payloads of its streams. */
export interface BinanceSimRecord extends SimRecord {
  /**
   * The last payloads of a stream, raw form; needs option `record.payloads`. A stream in SBE has
   * `sbe:` before its name, in the whole record, and its messages are shown in hexadecimal.
   */
  payloads(stream: string): readonly string[];
}
