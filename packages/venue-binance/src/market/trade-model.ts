import { isPrice, isQuantity } from "@oath-ws/venue-kit";
import type { Quote as MarketQuote, Trade as MarketTrade } from "@oath-ws/venue-kit";
import type { BookTicker, Trade } from "./payloads.js";

/** This venue's name in the market model. */
export const BINANCE = "binance";

/** What times in payloads count (B-4). */
export type TimeUnit = "ms" | "us";

/** Unix milliseconds, rounded down; `undefined` for what is no time. */
export function unixMs(time: unknown, unit: TimeUnit): number | undefined {
  if (typeof time !== "number" || !Number.isSafeInteger(time)) return undefined;
  return unit === "ms" ? time : Math.floor(time / 1_000);
}

/** A trade as the market model has it; `undefined` for a payload without its fields. */
export function tradeOf(data: Trade, unit: TimeUnit): MarketTrade<Trade> | undefined {
  const { s, t, p, q, T, m } = data;
  if (!isPrice(p) || !isQuantity(q) || typeof s !== "string") return undefined;
  const timeMs = unixMs(T, unit);
  return {
    venue: BINANCE,
    symbol: s,
    timeMs,
    timeUs: unit === "us" && timeMs !== undefined ? T : undefined,
    raw: data,
    id: String(t),
    price: p,
    quantity: q,
    // When the buyer was the maker, the seller took.
    side: m ? "sell" : "buy",
    scope: "market",
    isSnapshot: false,
  };
}

/**
 * The best prices as the market model has them; `undefined` for a payload without its fields. The
 * venue sends no time with them (B-16).
 */
export function quoteOf(data: BookTicker): MarketQuote<BookTicker> | undefined {
  const { s, b, B, a, A, u } = data;
  if (!isPrice(b) || !isQuantity(B) || !isPrice(a) || !isQuantity(A)) return undefined;
  if (typeof s !== "string") return undefined;
  return {
    venue: BINANCE,
    symbol: s,
    timeMs: undefined,
    timeUs: undefined,
    raw: data,
    bidPrice: b,
    bidQuantity: B,
    askPrice: a,
    askQuantity: A,
    updateId: String(u),
    isRealtime: true,
  };
}

/** When the venue sent an event, in Unix milliseconds; `undefined` for payloads without a time. */
export function sentAtMs(data: unknown, unit: TimeUnit): number | undefined {
  return unixMs((data as { readonly E?: unknown } | null | undefined)?.E, unit);
}
