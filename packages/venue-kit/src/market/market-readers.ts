import type { Timer } from "@oath-ws/contract";
import type { SubscribeOptions } from "../topic/subscription.js";
import type { MarketReader } from "./market-reader.js";
import { SymbolBoard } from "./symbol-board.js";
import type { OpenSymbol } from "./symbol-board.js";
import { symbolReader } from "./symbol-reader.js";

/** How an adapter opens a symbol's streams, already mapped to the market model. */
export interface OpenStreams<T, Q> {
  readonly trades: OpenSymbol<T>;
  readonly quotes: OpenSymbol<Q>;
}

/** The market model over an adapter's streams: what its `trades()` and `quotes()` give out. */
export class MarketReaders<T, Q> {
  /** Readers of the best prices, of one symbol, of several or of all that are held. */
  readonly quotes: SymbolBoard<Q>;
  readonly #trades: OpenSymbol<T>;
  readonly #timer: Timer;

  constructor(open: OpenStreams<T, Q>, timer: Timer) {
    this.#trades = open.trades;
    this.quotes = new SymbolBoard(open.quotes, timer);
    this.#timer = timer;
  }

  /**
   * A reader of one symbol's trades. The default policy is `reliable`.
   *
   * @throws what the adapter throws for the symbol or the options
   */
  trades(symbol: string, options?: SubscribeOptions): MarketReader<T> {
    return symbolReader(this.#trades, this.#timer, symbol, options);
  }
}
