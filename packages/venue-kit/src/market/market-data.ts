import { WsError } from "@oath-ws/contract";
import type { OrderBook } from "../book/order-book.js";
import type { SubscribeOptions } from "../topic/subscription.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import type { MarketReader } from "./market-reader.js";
import type { OrderEvent, Quote, Trade } from "./model.js";

/** How a book is read, at every venue; an adapter has further options of its own. */
export interface BookReadOptions
  extends Pick<SubscribeOptions, "staleAfterMs" | "reconnectAfterMs"> {
  /** What happens when nothing reads `OrderBook.updates` in time. Default `latest`. */
  readonly updates?: StreamPolicy | undefined;
}

/**
 * A venue's market, the same for every adapter. What a venue does not have throws a `WsError`
 * `NOT_OFFERED` that says what there is instead.
 */
export interface MarketData {
  /**
   * Trades of a symbol, in order, each once. The default policy is `reliable`: a slow reader gets a
   * gap record for what it lost.
   */
  trades(symbol: string, options?: SubscribeOptions): MarketReader<Trade>;
  /**
   * The best prices of one symbol, or of several in one reader. The default policy is `latest`: the
   * newest of each symbol waits, and `replaced` counts those that it replaced. `"*"` reads all
   * symbols of which this adapter holds quotes, now and later; it holds none itself.
   */
  quotes(symbols: string | readonly string[], options?: SubscribeOptions): MarketReader<Quote>;
  /** The order book of a symbol. */
  book(symbol: string, options?: BookReadOptions): OrderBook;
}

/** An account's orders, the same for every adapter. */
export interface OrderUpdates {
  /** All orders after every break, and in between those that change. The policy is `reliable`. */
  orders(): MarketReader<OrderEvent>;
}

/** The error for what a venue does not have, or what it is not known to have exactly. */
export function notOffered(venue: string, what: string, instead: string): WsError {
  return new WsError({
    kind: "client",
    code: "NOT_OFFERED",
    message: `${venue} has no ${what}: ${instead}`,
  });
}
