import { type CandleInterval, parseCandleInterval } from "../../market/candle.js";

/** Windows of the rolling ticker streams. */
export type TickerWindow = "1h" | "4h" | "1d";

/** What a stream of one symbol carries (B-16). */
export type SymbolStream =
  | { readonly kind: "aggTrade" }
  | { readonly kind: "trade" }
  | { readonly kind: "blockTrade" }
  | { readonly kind: "bookTicker" }
  | { readonly kind: "avgPrice" }
  | { readonly kind: "referencePrice" }
  | { readonly kind: "miniTicker" }
  | { readonly kind: "ticker" }
  | { readonly kind: "windowTicker"; readonly window: TickerWindow }
  | { readonly kind: "kline"; readonly interval: CandleInterval; readonly offsetMs: number }
  | { readonly kind: "depth"; readonly fast: boolean }
  | { readonly kind: "partialDepth"; readonly levels: number; readonly fast: boolean };

/** A stream over all symbols. */
export type MarketWideStream =
  | { readonly kind: "miniTickers" }
  | { readonly kind: "windowTickers"; readonly window: TickerWindow };

/** A stream name, taken apart. */
export type StreamName =
  | { readonly scope: "symbol"; readonly symbol: string; readonly stream: SymbolStream }
  | { readonly scope: "market"; readonly stream: MarketWideStream };

const UTC_PLUS_8_MS = 8 * 60 * 60 * 1_000;

/**
 * Takes a stream name apart. `undefined` for a name that means nothing here: the venue acknowledges
 * it and stays silent (B-15). Symbols must be lower case, as the venue requires (B-3).
 */
export function parseStreamName(name: string): StreamName | undefined {
  if (name.startsWith("!")) {
    const stream = parseMarketWide(name);
    return stream === undefined ? undefined : { scope: "market", stream };
  }
  const at = name.indexOf("@");
  if (at < 1) return undefined;
  const symbol = name.slice(0, at);
  if (symbol !== symbol.toLowerCase()) return undefined;
  const stream = parseSymbolStream(name.slice(at + 1));
  return stream === undefined
    ? undefined
    : { scope: "symbol", symbol: symbol.toUpperCase(), stream };
}

function parseMarketWide(name: string): MarketWideStream | undefined {
  if (name === "!miniTicker@arr") return { kind: "miniTickers" };
  const window = /^!ticker_(1h|4h|1d)@arr$/.exec(name)?.[1] as TickerWindow | undefined;
  return window === undefined ? undefined : { kind: "windowTickers", window };
}

function parseSymbolStream(rest: string): SymbolStream | undefined {
  switch (rest) {
    case "aggTrade":
    case "trade":
    case "blockTrade":
    case "bookTicker":
    case "avgPrice":
    case "referencePrice":
    case "miniTicker":
    case "ticker":
      return { kind: rest };
    default:
      return parseDepth(rest) ?? parseKline(rest) ?? parseWindowTicker(rest);
  }
}

function parseDepth(rest: string): SymbolStream | undefined {
  const match = /^depth(5|10|20)?(@100ms|@1000ms)?$/.exec(rest);
  if (match === null) return undefined;
  const fast = match[2] === "@100ms";
  return match[1] === undefined
    ? { kind: "depth", fast }
    : { kind: "partialDepth", levels: Number(match[1]), fast };
}

function parseKline(rest: string): SymbolStream | undefined {
  const match = /^kline_([0-9]+[smhdwM])(@\+08:00)?$/.exec(rest);
  const interval = match?.[1] === undefined ? undefined : parseCandleInterval(match[1]);
  if (match === null || interval === undefined) return undefined;
  return { kind: "kline", interval, offsetMs: match[2] === undefined ? 0 : UTC_PLUS_8_MS };
}

function parseWindowTicker(rest: string): SymbolStream | undefined {
  const window = /^ticker_(1h|4h|1d)$/.exec(rest)?.[1] as TickerWindow | undefined;
  return window === undefined ? undefined : { kind: "windowTicker", window };
}
