import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteOf, sentAtMs, tradeOf } from "../../src/market/trade-model.js";

const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max })
    .map((all) => all.join(""));
/** More digits than a double holds, zeros at both ends included. */
const amount = fc.tuple(digits(20), digits(20)).map(([whole, part]) => `${whole}.${part}`);
const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const TRADE = { e: "trade", E: 1, s: "BTCUSDT", t: 1, m: true, M: true, T: 1 } as const;

describe("a trade and a quote of the market model", () => {
  it("have every digit of the wire, and ids as they are", () => {
    fc.assert(
      fc.property(amount, amount, id, (p, q, number) => {
        expect(tradeOf({ ...TRADE, p, q, t: number }, "ms")).toMatchObject({
          price: p,
          quantity: q,
          id: String(number),
        });
        const ticker = { u: number, s: "BTCUSDT", b: p, B: q, a: q, A: p };
        expect(quoteOf(ticker)).toEqual({
          venue: "binance",
          symbol: "BTCUSDT",
          timeMs: undefined,
          timeUs: undefined,
          raw: ticker,
          bidPrice: p,
          bidQuantity: q,
          askPrice: q,
          askQuantity: p,
          updateId: String(number),
          isRealtime: true,
        });
      }),
    );
  });

  it("have times in both units, rounded down", () => {
    fc.assert(
      fc.property(id, (T) => {
        const trade = { ...TRADE, p: "1", q: "1", T };
        expect(tradeOf(trade, "ms")).toMatchObject({ timeMs: T, timeUs: undefined });
        expect(tradeOf(trade, "us")).toMatchObject({ timeMs: Math.floor(T / 1_000), timeUs: T });
      }),
    );
    expect(sentAtMs({ E: 1_672_515_782_136_999 }, "us")).toBe(1_672_515_782_136);
    for (const payload of [{}, [], null, "text", { E: "1" }, { E: 1.5 }])
      expect(sentAtMs(payload, "ms")).toBeUndefined();
  });

  it.each([{ p: 1 }, { p: "1e5" }, { p: "" }, { q: undefined }, { q: "-1" }, { s: 7 }])(
    "are none of a payload with %j",
    (wrong) => {
      expect(tradeOf({ ...TRADE, p: "1", q: "1", ...wrong } as never, "ms")).toBeUndefined();
    },
  );

  it.each([{ b: 1 }, { B: "x" }, { a: null }, { A: undefined }, { s: 7 }])(
    "are none of a ticker with %j",
    (wrong) => {
      const ticker = { u: 1, s: "BTCUSDT", b: "1", B: "1", a: "2", A: "1" };
      expect(quoteOf(ticker)).toBeDefined();
      expect(quoteOf({ ...ticker, ...wrong } as never)).toBeUndefined();
    },
  );
});
