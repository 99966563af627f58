/** A trade (K-8). Prices and quantities are the venue's text, digit for digit. */
export interface KrakenTrade {
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly qty: string;
  readonly ord_type: "limit" | "market";
  readonly trade_id: number;
  readonly timestamp: string;
}

/** The decimals of a ticker: the best prices, and the statistics of 24 hours (K-9). */
type TickerDecimal =
  | "bid"
  | "bid_qty"
  | "ask"
  | "ask_qty"
  | "last"
  | "volume"
  | "vwap"
  | "low"
  | "high"
  | "change"
  | "change_pct";

export type KrakenTicker = Readonly<Record<"symbol" | TickerDecimal, string>>;

/** A level of a book with the whole quantity that stands there; 0 when nothing does (K-10). */
export interface KrakenLevel {
  readonly price: string;
  readonly qty: string;
}

/** A book, or changes of it, and the checksum of what it is afterwards (K-10, K-11). */
export interface KrakenBook {
  readonly type: "snapshot" | "update";
  readonly symbol: string;
  readonly bids: readonly KrakenLevel[];
  readonly asks: readonly KrakenLevel[];
  readonly checksum: number;
  readonly timestamp?: string;
}

/** The answer to a request, one for each symbol of it (K-3, K-4). */
export interface KrakenAnswer {
  readonly method: string;
  readonly success?: boolean;
  readonly req_id?: number;
  readonly result?: { readonly symbol?: string };
  readonly symbol?: string;
  readonly error?: string;
}

/** A message of a channel. */
export interface KrakenMessage {
  readonly channel: string;
  readonly type?: string;
  readonly data?: readonly unknown[];
}

const NAMES = "price|qty|bid|bid_qty|ask|ask_qty|last|volume|vwap|low|high|change|change_pct";
const DECIMALS = new RegExp(String.raw`"(${NAMES})":\s*(-?\d[\d.]*)`, "g");

/**
 * Reads a text of the venue. Its decimals are JSON numbers with all their digits (K-7), which
 * `JSON.parse` would round and shorten, so they are made strings before.
 */
export function readText(text: string): KrakenAnswer | KrakenMessage {
  return JSON.parse(text.replace(DECIMALS, '"$1":"$2"')) as KrakenAnswer | KrakenMessage;
}
