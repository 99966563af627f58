import type { StreamName } from "./stream-name.js";

/**
 * What tells streams apart when nothing names them: event type, symbol, and the interval of a
 * kline. `undefined` for a partial book, which has neither, and for a stream of SBE. Two streams of
 * one key (the two speeds of `depth`, the two time zones of `kline`) cannot be told apart at all.
 */
export function rawKeyOf(stream: StreamName): string | undefined {
  let type: string | undefined;
  switch (stream.kind) {
    case "trade":
    case "aggTrade":
    case "blockTrade":
    case "avgPrice":
    case "referencePrice":
    case "bookTicker":
      type = stream.kind;
      break;
    case "miniTicker":
      type = "24hrMiniTicker";
      break;
    case "ticker":
      type = "24hrTicker";
      break;
    case "windowTicker":
      type = `${stream.window}Ticker`;
      break;
    case "depth":
      type = "depthUpdate";
      break;
    case "kline":
      type = `kline_${stream.interval}`;
      break;
    case "miniTickers":
      type = "24hrMiniTicker[]";
      break;
    case "windowTickers":
      type = `${stream.window}Ticker[]`;
      break;
    case "partialDepth":
    case "bestBidAsk":
      break;
  }
  return type === undefined ? undefined : key(type, stream.symbol ?? "");
}

/** The key of what arrived; `undefined` when it is nothing that a stream carries. */
export function rawKeyOfPayload(payload: unknown): string | undefined {
  if (Array.isArray(payload)) {
    const type = field(payload[0], "e");
    return typeof type === "string" ? key(`${type}[]`, "") : undefined;
  }
  const symbol = field(payload, "s");
  if (typeof symbol !== "string") return undefined;
  const type = field(payload, "e");
  if (type === "kline") return key(`kline_${String(field(field(payload, "k"), "i"))}`, symbol);
  if (typeof type === "string") return key(type, symbol);
  // The best bid and ask come without a type (B-16).
  return type === undefined && typeof field(payload, "u") === "number"
    ? key("bookTicker", symbol)
    : undefined;
}

function key(type: string, symbol: string): string {
  return `${type} ${symbol.toLowerCase()}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
