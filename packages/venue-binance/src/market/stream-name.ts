import { WsError } from "@oath-ws/contract";
import type { KlineInterval, TickerWindow } from "./payloads.js";

/** Streams of one symbol whose name has no further part. */
type PlainKind =
  | "aggTrade"
  | "trade"
  | "blockTrade"
  | "bookTicker"
  | "bestBidAsk"
  | "miniTicker"
  | "ticker"
  | "avgPrice"
  | "referencePrice";

/** What a name stands for, apart from the name itself. */
type StreamParts =
  | { readonly kind: PlainKind; readonly symbol: string }
  | { readonly kind: "windowTicker"; readonly symbol: string; readonly window: TickerWindow }
  | {
      readonly kind: "kline";
      readonly symbol: string;
      readonly interval: KlineInterval;
      /** Where days begin. */
      readonly timeZone: "UTC" | "UTC+8";
    }
  | { readonly kind: "depth"; readonly symbol: string; readonly everyMs: 50 | 100 | 1_000 }
  | {
      readonly kind: "partialDepth";
      readonly symbol: string;
      readonly levels: 5 | 10 | 20;
      readonly everyMs: 50 | 100 | 1_000;
    }
  | { readonly kind: "miniTickers"; readonly symbol: undefined }
  | { readonly kind: "windowTickers"; readonly symbol: undefined; readonly window: TickerWindow };

/** How the venue writes events: as JSON in text frames, or as SBE in binary ones. */
export type Encoding = "json" | "sbe";

/** A stream name, taken apart. */
export type StreamName = StreamParts & {
  /** As the venue wants it: the symbol in lower case, the rest as it is written. */
  readonly name: string;
};

/**
 * Takes a stream name apart: `btcusdt@depth@100ms`, `BTCUSDT@kline_1M`, `!miniTicker@arr`. The
 * symbol may be in any case and is lower in the result; the rest must be written as the venue
 * writes it, since `1m` and `1M` differ.
 *
 * @param encoding which of the venue's addresses it is for: over SBE there are only `trade`,
 *   `bestBidAsk`, `depth` and `depth20`. Default `json`
 * @throws WsError of kind `client` and code `TOPIC_INVALID` for a name that no documented stream
 *   has. The venue would acknowledge it and stay silent for ever, so it is refused here. Whether
 *   the symbol exists is not checked.
 */
export function parseStreamName(name: string, encoding: Encoding = "json"): StreamName {
  const wide = parseMarketWide(name);
  if (wide !== undefined) {
    if (encoding === "sbe") throw invalid(name, `does not exist over SBE, ${SBE_HAS}`);
    return { name, ...wide };
  }
  const at = name.indexOf("@");
  if (at < 0) throw invalid(name, "has no @ between symbol and stream");
  if (at === 0) throw invalid(name, "has no symbol before the @");
  const symbol = name.slice(0, at).toLowerCase();
  if (UNUSABLE.test(symbol))
    throw invalid(name, "has a symbol with a character that no symbol has");
  const rest = name.slice(at + 1);
  const parts = encoding === "sbe" ? parseSbeStream(symbol, rest) : parseSymbolStream(symbol, rest);
  if (parts === undefined)
    throw invalid(name, encoding === "sbe" ? sbeFault(symbol, rest) : fault(rest));
  return { name: `${symbol}@${rest}`, ...parts };
}

/**
 * A symbol may hold any letters (B-3), but a slash would end it in the URL of combined mode, and
 * "!" begins the market-wide names.
 */
const UNUSABLE = /[\s/!\p{Cc}]/u;

const INTERVALS: ReadonlySet<string> = new Set<KlineInterval>([
  "1s",
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "4h",
  "6h",
  "8h",
  "12h",
  "1d",
  "3d",
  "1w",
  "1M",
]);

function parseMarketWide(name: string): Extract<StreamParts, { symbol: undefined }> | undefined {
  if (!name.startsWith("!")) return undefined;
  if (name === "!miniTicker@arr") return { kind: "miniTickers", symbol: undefined };
  if (name === "!ticker@arr")
    throw invalid(name, "was retired on 2026-03-26; !ticker_1d@arr comes closest");
  const window = parseWindow(/^!ticker_(.*)@arr$/.exec(name)?.[1]);
  if (window === undefined)
    throw invalid(
      name,
      "is no stream over all symbols; there are !miniTicker@arr and !ticker_<1h|4h|1d>@arr",
    );
  return { kind: "windowTickers", symbol: undefined, window };
}

function parseSymbolStream(symbol: string, rest: string): StreamParts | undefined {
  switch (rest) {
    case "aggTrade":
    case "trade":
    case "blockTrade":
    case "bookTicker":
    case "miniTicker":
    case "ticker":
    case "avgPrice":
    case "referencePrice":
      return { kind: rest, symbol };
    default:
      return (
        parseDepth(symbol, rest) ?? parseKline(symbol, rest) ?? parseWindowTicker(symbol, rest)
      );
  }
}

/** The four streams over SBE, each in one speed. */
function parseSbeStream(symbol: string, rest: string): StreamParts | undefined {
  switch (rest) {
    case "trade":
    case "bestBidAsk":
      return { kind: rest, symbol };
    case "depth":
      return { kind: rest, symbol, everyMs: 50 };
    case "depth20":
      return { kind: "partialDepth", symbol, levels: 20, everyMs: 50 };
    default:
      return undefined;
  }
}

function parseDepth(symbol: string, rest: string): StreamParts | undefined {
  const match = /^depth(\d*)(@100ms)?$/.exec(rest);
  if (match === null) return undefined;
  const everyMs = match[2] === undefined ? 1_000 : 100;
  switch (match[1]) {
    case "":
      return { kind: "depth", symbol, everyMs };
    case "5":
      return { kind: "partialDepth", symbol, levels: 5, everyMs };
    case "10":
      return { kind: "partialDepth", symbol, levels: 10, everyMs };
    case "20":
      return { kind: "partialDepth", symbol, levels: 20, everyMs };
    default:
      return undefined;
  }
}

function parseKline(symbol: string, rest: string): StreamParts | undefined {
  const match = /^kline_([^@]+)(@\+08:00)?$/.exec(rest);
  const interval = match?.[1];
  if (match === null || interval === undefined || !INTERVALS.has(interval)) return undefined;
  return {
    kind: "kline",
    symbol,
    interval: interval as KlineInterval,
    timeZone: match[2] === undefined ? "UTC" : "UTC+8",
  };
}

function parseWindowTicker(symbol: string, rest: string): StreamParts | undefined {
  const window = rest.startsWith("ticker_") ? parseWindow(rest.slice("ticker_".length)) : undefined;
  return window === undefined ? undefined : { kind: "windowTicker", symbol, window };
}

function parseWindow(text: string | undefined): TickerWindow | undefined {
  return text === "1h" || text === "4h" || text === "1d" ? text : undefined;
}

/** What is wrong with the part after the symbol, as closely as can be told. */
function fault(rest: string): string {
  if (rest === "bestBidAsk") return "exists over SBE only; bookTicker takes its place in JSON";
  if (rest.startsWith("kline"))
    return (
      `has a wrong interval or time zone; it is kline_<${[...INTERVALS].join("|")}>, then ` +
      "@+08:00 or nothing"
    );
  if (rest.startsWith("depth"))
    return (
      "has wrong levels or speed; it is depth, depth5, depth10 or depth20, then @100ms or " +
      "nothing (1000 ms)"
    );
  if (rest.startsWith("ticker_")) return "has a wrong window; there are 1h, 4h and 1d";
  return "names no stream of the venue";
}

const SBE_HAS = "which has trade, bestBidAsk, depth and depth20 of one symbol";

/** The same over SBE, where most streams of the JSON address are missing. */
function sbeFault(symbol: string, rest: string): string {
  if (rest === "bookTicker") return "does not exist over SBE; bestBidAsk takes its place there";
  if (parseSymbolStream(symbol, rest) === undefined)
    return `names no stream of the venue over SBE, ${SBE_HAS}`;
  return rest.startsWith("depth")
    ? "does not exist over SBE, which has depth and depth20, each 50 ms"
    : `does not exist over SBE, ${SBE_HAS}`;
}

const SHOWN_LENGTH = 80;

function invalid(name: string, what: string): WsError {
  const shown = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}...` : name;
  return new WsError({
    kind: "client",
    code: "TOPIC_INVALID",
    message: `stream name ${JSON.stringify(shown)} ${what}`,
  });
}
