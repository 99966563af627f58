import type { BestBidAsk, BookTicker, DepthUpdate, PartialDepth } from "./book-payloads.js";
import type { Kline } from "./candle-payloads.js";
import type { AvgPrice, ReferencePrice } from "./price-payloads.js";
import type { MiniTicker, Ticker, WindowTicker } from "./ticker-payloads.js";
import type { AggTrade, BlockTrade, Trade } from "./trade-payloads.js";

export type {
  BestBidAsk,
  BookTicker,
  DepthSnapshot,
  DepthUpdate,
  PartialDepth,
  PriceLevel,
} from "./book-payloads.js";
export type { Candle, Kline, KlineInterval } from "./candle-payloads.js";
export type { AvgPrice, ReferencePrice } from "./price-payloads.js";
export type { MiniTicker, Ticker, TickerWindow, WindowTicker } from "./ticker-payloads.js";
export type { AggTrade, BlockTrade, Trade } from "./trade-payloads.js";

/**
 * The venue announces that this connection will be closed. It is sent unsubscribed-for, and no lead
 * time is promised: open the new connection at once. In combined mode its stream is
 * `!serverShutdown`.
 */
export interface ServerShutdown {
  readonly e: "serverShutdown";
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`). */
  readonly E: number;
}

/** What each kind of stream carries. */
export interface PayloadByKind {
  readonly aggTrade: AggTrade;
  readonly trade: Trade;
  readonly blockTrade: BlockTrade;
  readonly kline: Kline;
  readonly bookTicker: BookTicker;
  /** Over SBE only, where it takes the place of `bookTicker`. */
  readonly bestBidAsk: BestBidAsk;
  readonly depth: DepthUpdate;
  readonly partialDepth: PartialDepth;
  readonly miniTicker: MiniTicker;
  /** `!miniTicker@arr`: the symbols that changed. */
  readonly miniTickers: readonly MiniTicker[];
  readonly ticker: Ticker;
  readonly windowTicker: WindowTicker;
  /** `!ticker_<window>@arr`: the symbols that changed. */
  readonly windowTickers: readonly WindowTicker[];
  readonly avgPrice: AvgPrice;
  readonly referencePrice: ReferencePrice;
}

/** The kinds of market streams that can be subscribed to. */
export type StreamKind = keyof PayloadByKind;

/**
 * Any payload of a market stream that can be subscribed to. {@link ServerShutdown} is not among
 * them: it is not subscribed to.
 */
export type MarketPayload = PayloadByKind[StreamKind];
