/**
 * Payloads of the market channels: the venue's objects as they are on the wire, amounts as its
 * strings, in an envelope of ours that says when and where in the connection's stream they came.
 */

/** What all events have. */
export interface Envelope {
  /** The venue's time of the frame, RFC 3339 with up to nine digits of a fraction. */
  readonly timestamp: string;
  /**
   * The frame's number on its connection, over all channels, from 0 (C-7). Several events may share
   * a frame. -1 for trades that came by REST, which no frame brought.
   */
  readonly sequence_num: number;
}

/** The first event of a subscription, and those that follow. */
export type EventType = "snapshot" | "update";

/** Topic `heartbeats`, every second. */
export interface Heartbeat extends Envelope {
  /**
   * Seconds that the venue's server has been up: +1 a beat, again after a reconnect. The wire has a
   * number or a text (C-9); it is a number here.
   */
  readonly heartbeat_counter: number;
  /** The server's clock, as Go prints it. */
  readonly current_time: string;
}

/** Topics `ticker:<product>`, with every match. */
export interface TickerEvent extends Envelope {
  readonly type: EventType;
  readonly ticker: Ticker;
}

/** Topics `ticker_batch:<product>`, every 5 s, without the best prices. */
export interface TickerBatchEvent extends Envelope {
  readonly type: EventType;
  readonly ticker: TickerSummary;
}

/** The last 24 hours. */
export interface TickerSummary {
  readonly type: "ticker";
  readonly product_id: string;
  readonly price: string;
  readonly volume_24_h: string;
  readonly low_24_h: string;
  readonly high_24_h: string;
  readonly low_52_w: string;
  readonly high_52_w: string;
  readonly price_percent_chg_24_h: string;
}

/** The last 24 hours and the best prices. */
export interface Ticker extends TickerSummary {
  readonly best_bid: string;
  readonly best_bid_quantity: string;
  readonly best_ask: string;
  readonly best_ask_quantity: string;
}

/** Topics `candles:<product>`: five-minute buckets, about every second. */
export interface CandlesEvent extends Envelope {
  readonly type: EventType;
  readonly candles: readonly Candle[];
}

/** A bucket of five minutes. */
export interface Candle {
  /** Seconds since 1970, as text. */
  readonly start: string;
  readonly high: string;
  readonly low: string;
  readonly open: string;
  readonly close: string;
  readonly volume: string;
  readonly product_id: string;
}

/**
 * Topics `market_trades:<product>`, batched over 250 ms. The `snapshot` has trades from before the
 * subscription.
 */
export interface TradesEvent extends Envelope {
  readonly type: EventType;
  /** Newest first. */
  readonly trades: readonly Trade[];
}

/** A trade. */
export interface Trade {
  readonly product_id: string;
  readonly trade_id: string;
  readonly price: string;
  readonly size: string;
  readonly time: string;
  /** The maker's side. */
  readonly side: "BUY" | "SELL";
}

/** Topics `status:<product>`. */
export interface StatusEvent extends Envelope {
  readonly type: EventType;
  readonly products: readonly Product[];
}

/** What the venue says of a product. */
export interface Product {
  readonly product_type: string;
  readonly id: string;
  readonly base_currency: string;
  readonly quote_currency: string;
  readonly base_increment: string;
  readonly quote_increment: string;
  readonly display_name: string;
  readonly status: string;
  readonly status_message: string;
  readonly min_market_funds: string;
}

/** Topics `level2:<product>`: a snapshot of the whole book, then changes. */
export interface Level2Event extends Envelope {
  readonly type: EventType;
  /** As the venue pushed it; may be the other name of the product that was asked for (C-18). */
  readonly product_id: string;
  readonly updates: readonly LevelUpdate[];
}

/** A level's new quantity. */
export interface LevelUpdate {
  readonly side: "bid" | "offer";
  /** In snapshots sometimes 1970: no measure of freshness. */
  readonly event_time: string;
  readonly price_level: string;
  /** What stands there now; zero for nothing. */
  readonly new_quantity: string;
}

/** The payload of each channel. */
export interface PayloadByChannel {
  readonly heartbeats: Heartbeat;
  readonly candles: CandlesEvent;
  readonly level2: Level2Event;
  readonly market_trades: TradesEvent;
  readonly status: StatusEvent;
  readonly ticker: TickerEvent;
  readonly ticker_batch: TickerBatchEvent;
}

/** The channels of the market. */
export type MarketChannel = keyof PayloadByChannel;

/** Any payload of the market. */
export type MarketPayload = PayloadByChannel[MarketChannel];
