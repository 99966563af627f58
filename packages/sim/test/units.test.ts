import { describe, expect, test } from "vitest";
import { notional, parseAmount, printAmount } from "../src/binance/api/amount.js";
import { signedText } from "../src/binance/api/signature.js";
import { Book } from "../src/market/book.js";
import { BookGenerator } from "../src/market/book-generator.js";
import { candleSpan, CandleSeries, parseCandleInterval } from "../src/market/candle.js";
import { printUnits } from "../src/market/decimal.js";
import { parseStreamName } from "../src/binance/market/stream-name.js";
import { symbolSpec } from "../src/binance/market/familiar-symbol.js";
import { plain } from "../src/coinbase/market/plain.js";
import { KeptList } from "../src/kept-list.js";
import { SeededRandom } from "../src/random.js";
import { BanList } from "../src/rules/ban-list.js";
import { LimitByKey } from "../src/rules/limit-by-key.js";
import { RollingWindow } from "../src/rules/rolling-window.js";
import { WeightMeter } from "../src/rules/weight-meter.js";
import { fragmentedFrames, messageFrame } from "../src/wire/frame-encoder.js";

describe("a list of the statistics", () => {
  test("is a copy that stays as it was, and the same one until an entry is added", () => {
    const list = new KeptList<number>();
    const none = list.copy();
    for (let entry = 0; entry <= 10_000; entry++) list.add(entry);
    const all = list.copy();
    expect(none).toEqual([]);
    expect([all.length, all[0], all.at(-1)]).toEqual([10_000, 1, 10_000]);
    expect(list.copy()).toBe(all);
    list.add(10_001);
    expect(all.at(-1)).toBe(10_000);
    expect(list.copy().at(-1)).toBe(10_001);
  });
});

describe("rules", () => {
  test("a rolling window holds wherever it starts", () => {
    const window = new RollingWindow(3, 1_000);
    expect([0, 10, 900].map((time) => window.admit(time))).toEqual([true, true, true]);
    expect(window.waitMs(950)).toBe(50);
    expect(window.admit(999)).toBe(false);
    expect(window.admit(1_009)).toBe(false);
    expect(window.admit(1_901)).toBe(true);
    expect(window.waitMs(5_000)).toBe(0);
  });

  test("bans grow to a bound, end, and can be lifted", () => {
    const bans = new BanList({
      afterViolations: 2,
      windowMs: 1_000,
      durationMs: 100,
      maxDurationMs: 300,
    });
    expect([bans.violate("a", 0), bans.violate("a", 5), bans.violate("b", 5)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([1, 2, 3].map(() => bans.ban("a", 0))).toEqual([100, 200, 300]);
    expect(bans.remainingMs("a", 250)).toBe(50);
    expect(bans.remainingMs("a", 300)).toBeUndefined();
    expect(bans.ban("b", 0, 7)).toBe(7);
    bans.unban("b");
    expect(bans.remainingMs("b", 1)).toBeUndefined();
  });

  test("refused events count, too, by key, and a wait that is obeyed is enough", () => {
    const limit = new LimitByKey(2, 110, 10);
    expect([0, 50, 60, 110].map((time) => limit.admit("a", time))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(limit.waitMs("a", 110)).toBe(50);
    expect(limit.admit("b", 60)).toBe(true);
    expect(limit.admit("a", 161)).toBe(true);
  });

  test("weight is counted in aligned windows", () => {
    const meter = new WeightMeter(10, 60);
    expect(meter.use("a", 8, 50)).toMatchObject({ used: 8, over: false, resetMs: 10 });
    expect(meter.use("a", 3, 59)).toMatchObject({ used: 8, over: true, violations: 1 });
    expect(meter.use("a", 3, 60)).toMatchObject({ used: 3, over: false, violations: 0 });
  });
});

describe("the generated book", () => {
  test.each([1, 2, 3, 4])(
    "seed %i: never crossed, never thin, levels in order, after every single change",
    (seed) => {
      const levels = 20;
      const generator = new BookGenerator(new SeededRandom(seed), {
        startPrice: 5_000,
        levels,
        changesPerStep: 8,
      });
      const book = new Book();
      for (const change of generator.initial()) book.apply(change);
      for (let step = 0; step < 5_000; step++) {
        const changes = generator.next();
        expect(changes.length).toBeGreaterThanOrEqual(2);
        for (const change of changes) {
          book.apply(change);
          const { best: bid = 0 } = book.bids;
          const { best: ask = 0 } = book.asks;
          if (bid >= ask || bid <= 0) throw new Error(`crossed in step ${step}: ${bid} ${ask}`);
        }
        if (book.bids.size < levels / 2 - 1 || book.bids.size > levels + 1)
          throw new Error(`${book.bids.size} bids in ${step}`);
      }
      const bids = book.bids.levels(levels).map(([price]) => price);
      expect(bids).toEqual([...bids].sort((one, other) => other - one));
    },
  );

  test("prices stay around where they started", () => {
    const generator = new BookGenerator(new SeededRandom(9), {
      startPrice: 10_000,
      levels: 10,
      changesPerStep: 8,
    });
    const book = new Book();
    for (const change of generator.initial()) book.apply(change);
    for (let step = 0; step < 50_000; step++)
      for (const change of generator.next()) book.apply(change);
    expect(book.bids.best).toBeGreaterThan(5_000);
    expect(book.bids.best).toBeLessThan(20_000);
  });
});

describe("printing and reading", () => {
  test("units print with eight decimals, without going through fractions", () => {
    expect(printUnits(123, 2)).toBe("1.23000000");
    expect(printUnits(5, 5)).toBe("0.00005000");
    expect(printUnits(7, 0)).toBe("7.00000000");
    expect(printUnits(-7, 2)).toBe("-0.07000000");
    expect(printUnits(123_456_789_012_345n, 10)).toBe("12345.67890123");
    expect(printUnits(-5n, 10)).toBe("-0.00000000");
    expect(printUnits(0, 8)).toBe("0.00000000");
  });

  test("Coinbase prints no zeros at the end of a fraction", () => {
    expect(["120.70000000", "0.00000000", "100.00000000", "1200", "0.05"].map(plain)).toEqual([
      "120.7",
      "0",
      "100",
      "1200",
      "0.05",
    ]);
  });

  test("amounts", () => {
    expect(parseAmount("12.5")).toBe(1_250_000_000n);
    expect(parseAmount("-1")).toBeUndefined();
    expect(parseAmount("-1", true)).toBe(-100_000_000n);
    expect(parseAmount("1e5")).toBeUndefined();
    expect(printAmount(notional(150_000_000n, 30_000_000n))).toBe("0.45000000");
  });

  test("what is signed is sorted, and not percent-encoded (B-35)", () => {
    expect(signedText({ timestamp: 5, symbol: "１２３", apiKey: "k", signature: "s" })).toBe(
      "apiKey=k&symbol=１２３&timestamp=5",
    );
  });

  test("stream names", () => {
    expect(parseStreamName("btcusdt@depth")).toEqual({
      scope: "symbol",
      symbol: "BTCUSDT",
      stream: { kind: "depth", fast: false },
    });
    expect(parseStreamName("btcusdt@depth20@100ms")).toMatchObject({
      stream: { kind: "partialDepth", levels: 20, fast: true },
    });
    expect(parseStreamName("btcusdt@kline_1M@+08:00")).toMatchObject({
      stream: { interval: "1M", offsetMs: 28_800_000 },
    });
    expect(parseStreamName("!ticker_4h@arr")).toMatchObject({
      scope: "market",
      stream: { window: "4h" },
    });
    const meaningless = [
      "BTCUSDT@trade",
      "btcusdt",
      "@trade",
      "btcusdt@depth7",
      "btcusdt@kline_9m",
      "!ticker@arr",
      "btcusdt@toString",
    ];
    for (const name of meaningless) expect(parseStreamName(name)).toBeUndefined();
    expect(parseCandleInterval("constructor")).toBeUndefined();
  });

  test("symbols known by name only", () => {
    expect(symbolSpec("bnbbtc")).toMatchObject({ symbol: "BNBBTC", base: "BNB", quote: "BTC" });
    expect(symbolSpec("FOOUSDT")).toMatchObject({ base: "FOO", quote: "USDT", price: 100 });
  });

  test("candles align to their interval, and a finished one is published once", () => {
    const monday = Date.UTC(2024, 0, 1);
    expect(candleSpan("1w", monday + 5, 0)).toEqual({
      open: monday,
      close: monday + 604_800_000 - 1,
    });
    expect(candleSpan("1M", Date.UTC(2024, 1, 20), 0)).toEqual({
      open: Date.UTC(2024, 1, 1),
      close: Date.UTC(2024, 2, 1) - 1,
    });
    expect(candleSpan("1d", monday, 28_800_000).open).toBe(monday - 28_800_000);
    const series = new CandleSeries("1s", 0, monday, 100);
    const order = { aggregateId: 1, price: 120, lots: 5, buyerIsMaker: false, trades: [] };
    series.add(order, monday + 500);
    series.add({ ...order, price: 90 }, monday + 1_100);
    const [finished, current] = series.publish(monday + 1_200);
    expect(finished).toMatchObject({ isFinal: true, open: monday, totals: { last: 120 } });
    expect(current).toMatchObject({ isFinal: false, open: monday + 1_000, totals: { open: 90 } });
    expect(series.publish(monday + 1_300)).toHaveLength(1);
  });
});

describe("frames", () => {
  test.each([0, 125, 126, 65_535, 65_536])("a payload of %i bytes has the right header", (size) => {
    const frame = messageFrame(Buffer.alloc(size, 0x61));
    const [first = 0, second = 0] = frame;
    expect(first).toBe(0x81);
    if (size < 126) expect(second).toBe(size);
    else if (size < 65_536) expect([second, frame.readUInt16BE(2)]).toEqual([126, size]);
    else expect([second, Number(frame.readBigUInt64BE(2))]).toEqual([127, size]);
    expect(frame.byteLength).toBe(size + (size < 126 ? 2 : size < 65_536 ? 4 : 10));
  });

  test("fragments: never more than there are bytes, and only the last is final", () => {
    const frames = fragmentedFrames(Buffer.from("abc"), 9);
    expect([...frames]).toEqual([0x01, 1, 0x61, 0x00, 1, 0x62, 0x80, 1, 0x63]);
    expect([...fragmentedFrames(Buffer.alloc(0), 3)]).toEqual([0x81, 0]);
  });

  test("forks of a random source depend on seed and name only", () => {
    const source = new SeededRandom(3);
    const before = source.fork("a").next();
    source.next();
    expect(source.fork("a").next()).toBe(before);
    expect(source.fork("b").next()).not.toBe(before);
    const draws = Array.from({ length: 10_000 }, () => source.between(1, 6));
    expect([Math.min(...draws), Math.max(...draws)]).toEqual([1, 6]);
  });
});
