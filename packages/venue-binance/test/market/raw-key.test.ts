import { describe, expect, it } from "vitest";
import { rawKeyOf, rawKeyOfPayload } from "../../src/market/raw-key.js";
import { parseStreamName } from "../../src/market/stream-name.js";

describe("raw keys", () => {
  it.each([
    ["bnbbtc@trade", { e: "trade", s: "BNBBTC", t: 1 }],
    ["bnbbtc@aggTrade", { e: "aggTrade", s: "BNBBTC", a: 1 }],
    ["bnbbtc@blockTrade", { e: "blockTrade", s: "BNBBTC", t: 1 }],
    ["bnbbtc@kline_1M", { e: "kline", s: "BNBBTC", k: { i: "1M" } }],
    ["bnbbtc@bookTicker", { u: 1, s: "BNBBTC", b: "1", B: "1", a: "2", A: "1" }],
    ["bnbbtc@depth@100ms", { e: "depthUpdate", s: "BNBBTC", U: 1, u: 2, b: [], a: [] }],
    ["bnbbtc@miniTicker", { e: "24hrMiniTicker", s: "BNBBTC" }],
    ["bnbbtc@ticker", { e: "24hrTicker", s: "BNBBTC" }],
    ["bnbbtc@ticker_4h", { e: "4hTicker", s: "BNBBTC" }],
    ["bnbbtc@avgPrice", { e: "avgPrice", s: "BNBBTC" }],
    ["bnbbtc@referencePrice", { e: "referencePrice", s: "BNBBTC", r: null, t: 1 }],
    ["!miniTicker@arr", [{ e: "24hrMiniTicker", s: "BNBBTC" }]],
    ["!ticker_1h@arr", [{ e: "1hTicker", s: "BNBBTC" }]],
  ])("lead an event of %s to its stream", (name, payload) => {
    const key = rawKeyOf(parseStreamName(name));
    expect(key).toBeDefined();
    expect(rawKeyOfPayload(payload)).toBe(key);
  });

  it("tell a minute from a month", () => {
    expect(rawKeyOf(parseStreamName("x@kline_1m"))).not.toBe(
      rawKeyOf(parseStreamName("x@kline_1M")),
    );
  });

  it("do not exist for a partial book, nor for what no stream carries", () => {
    expect(rawKeyOf(parseStreamName("x@depth5"))).toBeUndefined();
    for (const other of [
      { lastUpdateId: 1, bids: [], asks: [] },
      { e: "serverShutdown", E: 1 },
      [],
      null,
      "x",
      1,
      { s: "X" },
    ]) {
      expect(rawKeyOfPayload(other)).toBeUndefined();
    }
  });
});
