import type {
  KlineInterval,
  MarketPayload,
  PayloadByKind,
  StreamKind,
  TickerWindow,
} from "./payloads.js";

/** The part of a name after `<symbol>@`, and what it carries. */
type Speed = "" | "@100ms";
type Plain = Exclude<
  StreamKind,
  "kline" | "depth" | "partialDepth" | "miniTickers" | "windowTicker" | "windowTickers"
>;
type SymbolPayloads = { readonly [Kind in Plain]: PayloadByKind[Kind] } & {
  readonly [Rest in `kline_${KlineInterval}${"" | "@+08:00"}`]: PayloadByKind["kline"];
} & { readonly [Rest in `depth${Speed}`]: PayloadByKind["depth"] } & {
  readonly [Rest in `depth${5 | 10 | 20}${Speed}`]: PayloadByKind["partialDepth"];
} & { readonly [Rest in `ticker_${TickerWindow}`]: PayloadByKind["windowTicker"] };

type SymbolPayload<Rest extends string> = string extends Rest
  ? MarketPayload
  : Rest extends keyof SymbolPayloads
    ? SymbolPayloads[Rest]
    : never;

/**
 * The payload of the stream with this name: `PayloadOf<"btcusdt@trade">` is `Trade`. A union of
 * names gives the union of their payloads, a name that is only known as `string` gives
 * {@link MarketPayload}, and a name that no stream has gives `never`. What is wrong with it says
 * {@link parseStreamName}.
 */
export type PayloadOf<Name extends string> = string extends Name
  ? MarketPayload
  : Name extends "!miniTicker@arr"
    ? PayloadByKind["miniTickers"]
    : Name extends `!ticker_${TickerWindow}@arr`
      ? PayloadByKind["windowTickers"]
      : Name extends `!${string}`
        ? never
        : Name extends `${string}@${infer Rest}`
          ? SymbolPayload<Rest>
          : never;
