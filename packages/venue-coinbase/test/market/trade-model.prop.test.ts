import type { Trade as MarketTrade } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unixMicroseconds, unixMilliseconds } from "../../src/market/event-time.js";
import { quoteOf, tradesMapping } from "../../src/market/trade-model.js";
import type { Trade } from "@oath-ws/venue-coinbase";

const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max })
    .map((all) => all.join(""));
const amount = fc.tuple(digits(20), digits(20)).map(([whole, part]) => `${whole}.${part}`);

const TIME = "2026-09-30T02:37:15.057895263Z";
const TICKER = {
  type: "ticker",
  product_id: "BTC-USD",
  price: "1",
  volume_24_h: "1",
  low_24_h: "1",
  high_24_h: "1",
  low_52_w: "1",
  high_52_w: "1",
  price_percent_chg_24_h: "1",
  best_bid: "1",
  best_bid_quantity: "1",
  best_ask: "1",
  best_ask_quantity: "1",
} as const;
const ENVELOPE = { timestamp: TIME, sequence_num: 0, stretch: 1 };

function trade(trade_id: string, price = "1.0", size = "2.0"): Trade {
  return { product_id: "BTC-USD", trade_id, price, size, time: TIME, side: "BUY" };
}

/** What a reader is told of batches, each newest first. */
function told(...batches: readonly (readonly ["snapshot" | "update", ...Trade[]])[]): string[] {
  const mapping = tradesMapping();
  const emitted: MarketTrade<Trade>[] = [];
  for (const [type, ...trades] of batches)
    mapping.map({ ...ENVELOPE, type, trades }, (one) => {
      emitted.push(one);
    });
  return emitted.map(({ id, isSnapshot }) => (isSnapshot === true ? `${id} before` : id));
}

describe("a trade and a quote of the market model", () => {
  it("have every digit of the wire, the taker's side, and microseconds", () => {
    fc.assert(
      fc.property(amount, amount, digits(15), (price, size, id) => {
        const emitted: MarketTrade<Trade>[] = [];
        const { map } = tradesMapping();
        const wire = trade(id, price, size);
        map({ ...ENVELOPE, type: "update", trades: [wire] }, (one) => {
          emitted.push(one);
        });
        expect(emitted).toEqual([
          {
            venue: "coinbase",
            symbol: "BTC-USD",
            timeMs: 1_790_735_835_057,
            timeUs: 1_790_735_835_057_895,
            raw: wire,
            id,
            price,
            quantity: size,
            side: "sell",
            scope: "market",
            isSnapshot: false,
          },
        ]);
        const ticker = {
          ...TICKER,
          best_bid: price,
          best_bid_quantity: size,
          best_ask: size,
          best_ask_quantity: price,
        };
        expect(quoteOf({ ...ENVELOPE, type: "update", ticker })).toMatchObject({
          bidPrice: price,
          bidQuantity: size,
          askPrice: size,
          askQuantity: price,
          timeUs: 1_790_735_835_057_895,
        });
      }),
    );
    expect(
      quoteOf({ ...ENVELOPE, type: "update", ticker: { ...TICKER, best_bid: "" } }),
    ).toBeUndefined();
  });

  it("come oldest first, and none again that a later snapshot repeats", () => {
    expect(
      told(
        ["snapshot", trade("3"), trade("2")],
        ["update", trade("5"), trade("4")],
        ["snapshot", trade("7"), trade("6"), trade("5"), trade("4")],
        ["update", trade("8"), trade("7")],
      ),
    ).toEqual(["2 before", "3 before", "4", "5", "6 before", "7 before", "8"]);
  });

  it("go on where the venue's ids begin again", () => {
    expect(
      told(["update", trade("900000")], ["update", trade("1")], ["update", trade("2")]),
    ).toEqual(["900000", "1", "2"]);
  });

  it("are refused without a price, a size or an id", () => {
    for (const wrong of [{ price: "" }, { size: "1e5" }, { trade_id: 7 }])
      expect(() => told(["update", { ...trade("1"), ...wrong } as Trade])).toThrowError(
        /no id, no price or no size/,
      );
  });
});

describe("a time of the venue", () => {
  it("is the same as the platform reads it", () => {
    const from = Date.UTC(1971, 0, 1);
    fc.assert(
      fc.property(fc.integer({ min: from, max: Date.UTC(2200, 0, 1) }), (ms) => {
        expect(unixMilliseconds(new Date(ms).toISOString())).toBe(ms);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["2026-07-06T04:17:46Z", 1_783_311_466_000_000],
    ["2026-07-06T04:17:46.1Z", 1_783_311_466_100_000],
    ["2026-07-06T04:17:46.000001Z", 1_783_311_466_000_001],
    ["2026-07-06T04:17:46.0000019Z", 1_783_311_466_000_001],
    ["2024-02-29T00:00:00Z", 1_709_164_800_000_000],
  ])("%s", (text, micros) => {
    expect(unixMicroseconds(text)).toBe(micros);
  });

  it.each([
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "2026-07-06 04:17:46Z",
    "2026-07-06T04:17:46",
    "2026-07-06T04:17:46.Z0Z",
    "2026-07-06T04:17:4xZ",
    "2026-07-06T04:17:46+01:00Z",
    "",
    undefined,
    7,
  ])("%j is none", (text) => {
    expect(unixMicroseconds(text)).toBeUndefined();
  });
});
