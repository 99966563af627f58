import type {
  LevelUpdate,
  MarketChannel,
  MarketPayload,
  PayloadByChannel,
  UserUpdate,
} from "@oath-ws/venue-coinbase";
import { count } from "./count.js";

/**
 * What an event of a market channel says, for people, in one line. Amounts stay the venue's
 * strings.
 */
export function eventLine(channel: MarketChannel, data: MarketPayload): string {
  // The channel decides the payload; the compiler cannot follow the pair.
  return (LINES[channel] as (data: MarketPayload) => string)(data);
}

/** What happened in the account. */
export function userLine(update: UserUpdate): string {
  switch (update.kind) {
    case "snapshot":
      return `${count(update.orders.length, "open order")} (${update.reason})`;
    case "orders":
      return update.orders
        .map(({ order_side, product_id, leaves_quantity, limit_price, status, order_id }) =>
          [order_side, product_id, leaves_quantity, "@", limit_price, status, order_id].join(" "),
        )
        .join("; ");
    case "futures":
      return `futures balance ${JSON.stringify(update.event.fcm_balance_summary)}`;
    default:
      return update satisfies never;
  }
}

const LINES: { readonly [Channel in MarketChannel]: (data: PayloadByChannel[Channel]) => string } =
  {
    heartbeats: ({ heartbeat_counter }) => `beat ${heartbeat_counter}`,
    ticker: ({ ticker: { price, best_bid, best_bid_quantity, best_ask, best_ask_quantity } }) =>
      `last ${price}  bid ${best_bid_quantity} @ ${best_bid}  ask ${best_ask_quantity} ` +
      `@ ${best_ask}`,
    ticker_batch: ({
      ticker: { price, high_24_h, low_24_h, volume_24_h, price_percent_chg_24_h },
    }) =>
      `last ${price} high ${high_24_h} low ${low_24_h} volume ${volume_24_h} change ` +
      `${price_percent_chg_24_h} %`,
    candles: ({ candles }) =>
      candles
        .map(
          ({ open, high, low, close, volume }) =>
            `open ${open} high ${high} low ${low} close ${close} volume ${volume}`,
        )
        .join("; "),
    market_trades: ({ type, trades }) => {
      const [newest] = trades;
      const last =
        newest === undefined
          ? "none"
          : `${taken(newest.side)} ${newest.size} @ ${newest.price}  id ${newest.trade_id}`;
      const before = type === "snapshot" ? "before: " : "";
      return trades.length > 1
        ? `${before}${last}, ${count(trades.length, "trade")}`
        : `${before}${last}`;
    },
    status: ({ products }) =>
      products
        .map(({ id, status, status_message }) => [id, status, status_message].join(" ").trim())
        .join("; "),
    level2: ({ type, updates }) => {
      const what = type === "snapshot" ? "snapshot of " : "";
      const changed = type === "snapshot" ? "" : " changed";
      return (
        `${what}${count(countOf(updates, "bid"), "bid")} ` +
        `and ${count(countOf(updates, "offer"), "ask")}${changed}`
      );
    },
  };

function countOf(updates: readonly LevelUpdate[], side: LevelUpdate["side"]): number {
  return updates.reduce((sum, update) => sum + (update.side === side ? 1 : 0), 0);
}

/** The venue tells the maker's side; people want to know who took. */
function taken(side: "BUY" | "SELL"): string {
  return side === "BUY" ? "sell" : "buy ";
}
