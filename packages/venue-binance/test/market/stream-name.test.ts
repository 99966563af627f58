import { parseStreamName, streamRules } from "@oath-ws/venue-binance";
import type {
  AggTrade,
  BestBidAsk,
  DepthUpdate,
  Kline,
  MarketPayload,
  MiniTicker,
  PartialDepth,
  PayloadOf,
  ScaledDepthUpdate,
  ScaledOf,
  ScaledPartialDepth,
  Trade,
} from "@oath-ws/venue-binance";
import { describe, expect, expectTypeOf, it } from "vitest";

describe("parseStreamName", () => {
  it.each([
    ["BTCUSDT@trade", { name: "btcusdt@trade", kind: "trade", symbol: "btcusdt" }],
    ["btcusdt@aggTrade", { kind: "aggTrade" }],
    ["btcusdt@blockTrade", { kind: "blockTrade" }],
    ["btcusdt@bookTicker", { kind: "bookTicker" }],
    ["btcusdt@kline_1M", { kind: "kline", interval: "1M", timeZone: "UTC" }],
    ["btcusdt@kline_1m@+08:00", { kind: "kline", interval: "1m", timeZone: "UTC+8" }],
    ["btcusdt@depth", { kind: "depth", everyMs: 1_000 }],
    ["btcusdt@depth@100ms", { kind: "depth", everyMs: 100 }],
    ["btcusdt@depth20@100ms", { kind: "partialDepth", levels: 20, everyMs: 100 }],
    ["btcusdt@miniTicker", { kind: "miniTicker" }],
    ["btcusdt@ticker", { kind: "ticker" }],
    ["btcusdt@ticker_4h", { kind: "windowTicker", window: "4h" }],
    ["btcusdt@avgPrice", { kind: "avgPrice" }],
    ["btcusdt@referencePrice", { kind: "referencePrice" }],
    ["!miniTicker@arr", { kind: "miniTickers", symbol: undefined }],
    ["!ticker_1d@arr", { kind: "windowTickers", window: "1d" }],
    ["币安usdt@trade", { kind: "trade", symbol: "币安usdt" }],
  ])("takes %s apart", (name, parts) => {
    expect(parseStreamName(name)).toMatchObject(parts);
  });

  it.each([
    ["btcusdt", /no @/],
    ["@trade", /no symbol/],
    ["btc/usdt@trade", /character/],
    ["btcusdt@Trade", /names no stream/],
    ["btcusdt@depth50", /wrong levels/],
    ["btcusdt@depth@250ms", /wrong levels or speed/],
    ["btcusdt@kline_2m", /wrong interval/],
    ["btcusdt@ticker_2h", /wrong window/],
    ["!ticker@arr", /retired/],
    ["!trade@arr", /no stream over all symbols/],
    ["x".repeat(5_000), /x\.\.\."/],
  ])("refuses %s and says why", (name, message) => {
    expect(() => parseStreamName(name)).toThrowError(
      expect.objectContaining({ kind: "client", code: "TOPIC_INVALID" }),
    );
    expect(() => parseStreamName(name)).toThrowError(message);
  });
});

describe("parseStreamName for SBE", () => {
  it.each([
    ["BTCUSDT@trade", { name: "btcusdt@trade", kind: "trade", symbol: "btcusdt" }],
    ["btcusdt@bestBidAsk", { kind: "bestBidAsk" }],
    ["btcusdt@depth", { kind: "depth", everyMs: 50 }],
    ["btcusdt@depth20", { kind: "partialDepth", levels: 20, everyMs: 50 }],
  ])("takes %s apart", (name, parts) => {
    expect(parseStreamName(name, "sbe")).toMatchObject(parts);
  });

  it.each([
    ["btcusdt@bookTicker", /does not exist over SBE; bestBidAsk/],
    ["btcusdt@depth@100ms", /does not exist over SBE, which has depth and depth20, each 50 ms/],
    ["btcusdt@depth5", /does not exist over SBE, which has depth and depth20/],
    ["btcusdt@kline_1m", /does not exist over SBE, which has trade, bestBidAsk, depth and depth20/],
    ["!miniTicker@arr", /does not exist over SBE/],
    ["btcusdt@Trade", /names no stream of the venue over SBE/],
  ])("refuses %s and says why", (name, message) => {
    expect(() => parseStreamName(name, "sbe")).toThrowError(
      expect.objectContaining({ kind: "client", code: "TOPIC_INVALID" }),
    );
    expect(() => parseStreamName(name, "sbe")).toThrowError(message);
  });

  it("leaves bestBidAsk to SBE", () => {
    expect(() => parseStreamName("btcusdt@bestBidAsk")).toThrowError(/exists over SBE only/);
  });
});

describe("PayloadOf", () => {
  it("knows the payload by the name", () => {
    expectTypeOf<PayloadOf<"btcusdt@trade">>().toEqualTypeOf<Trade>();
    expectTypeOf<ScaledOf<"btcusdt@depth">>().toEqualTypeOf<ScaledDepthUpdate>();
    expectTypeOf<ScaledOf<"btcusdt@depth20">>().toEqualTypeOf<ScaledPartialDepth>();
    expectTypeOf<ScaledOf<"btcusdt@kline_1m">>().toEqualTypeOf<never>();
    expectTypeOf<PayloadOf<"btcusdt@bestBidAsk">>().toEqualTypeOf<BestBidAsk>();
    expectTypeOf<PayloadOf<"btcusdt@aggTrade" | "ethusdt@trade">>().toEqualTypeOf<
      AggTrade | Trade
    >();
    expectTypeOf<PayloadOf<"btcusdt@depth@100ms">>().toEqualTypeOf<DepthUpdate>();
    expectTypeOf<PayloadOf<"btcusdt@depth5">>().toEqualTypeOf<PartialDepth>();
    expectTypeOf<PayloadOf<"btcusdt@kline_1h@+08:00">>().toEqualTypeOf<Kline>();
    expectTypeOf<PayloadOf<"!miniTicker@arr">>().toEqualTypeOf<readonly MiniTicker[]>();
    expectTypeOf<PayloadOf<string>>().toEqualTypeOf<MarketPayload>();
    expectTypeOf<PayloadOf<"btcusdt@nothing">>().toEqualTypeOf<never>();
  });
});

describe("streamRules", () => {
  it("expects events soon where the venue documents an interval, and none where hours may pass", () => {
    expect(streamRules("kline")).toMatchObject({ staleAfterMs: 10_000, silence: "rhythm" });
    expect(streamRules("depth")).toMatchObject({ staleAfterMs: 30_000, silence: "book" });
    expect(streamRules("trade")).toMatchObject({ staleAfterMs: 30_000, silence: "trades" });
    expect(streamRules("blockTrade")).toMatchObject({ staleAfterMs: undefined, silence: "none" });
  });

  it("counts ids only where they are contiguous", () => {
    const update = { e: "depthUpdate", E: 1, s: "X", U: 5, u: 9, b: [], a: [] } as const;
    const { range, identity } = streamRules("depth");
    expect([range?.firstId(update), range?.lastId(update), identity(update)]).toEqual([5, 9, 9]);
    expect(streamRules("bookTicker").range).toBeUndefined();
  });
});
