import { readdirSync, readFileSync } from "node:fs";
import type { OrderBook } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { KrakenSim } from "../sim/kraken-sim.js";
import { checksumOf } from "../src/book.js";
import { KrakenMarket } from "../src/kraken-market.js";
import type { KrakenMarketOptions } from "../src/kraken-market.js";
import { readText } from "../src/wire.js";

const BTC = "BTC/USD";
const ETH = "ETH/USD";

/** A market against a venue of its own, and what was told to `onFault`. */
class Rig {
  readonly sim = new KrakenSim([BTC, ETH], { mock: { reactAfterMs: 5 } });
  readonly faults: unknown[] = [];
  readonly market: KrakenMarket;

  constructor(options: Partial<KrakenMarketOptions> = {}) {
    const onFault = (error: unknown): void => void this.faults.push(error);
    this.market = new KrakenMarket({ runtime: this.sim.runtime, onFault, ...options });
  }

  get world(): KrakenSim["world"] {
    return this.sim.world;
  }

  /** Lets time pass until this is live. */
  live(what: { readonly state: { readonly snapshot: { readonly phase: string } } }): Promise<void> {
    return this.world.runUntil(() => what.state.snapshot.phase === "live", 300_000);
  }

  /** The book moves every 100 ms for so long. */
  async moveFor(ms: number, symbol = BTC): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.sim.move(symbol);
      await this.world.run(100);
    }
  }

  async end(): Promise<void> {
    await this.world.complete(this.market.shutdown());
    const { timer, spawn } = this.world;
    expect(spawn.liveCount).toBe(0);
    expect(this.sim.open).toEqual([]);
    // The venue's own heartbeats alone: they end by themselves.
    await this.world.run(1_000);
    expect(timer.pendingCount).toBe(0);
  }
}

/** A book is exactly the best levels of the venue's own. */
function expectWhole(rig: Rig, book: OrderBook, depth = 10): void {
  const { bids, asks } = rig.sim.bookOf(book.symbol).snapshot(depth);
  const levels = (side: readonly { price: string; qty: string }[]): object[] =>
    side.map(({ price, qty: quantity }) => ({ price, quantity }));
  expect({ bids: book.bids, asks: book.asks }).toEqual({ bids: levels(bids), asks: levels(asks) });
}

describe("a book", () => {
  it.each([10, 25])("of depth %i stays the venue's, checksum by checksum", async (depth) => {
    const rig = new Rig({ depth });
    const book = rig.market.book(BTC);
    await rig.live(book);
    expectWhole(rig, book, depth);
    for (let round = 0; round < 100; round++) {
      await rig.moveFor(200);
      expectWhole(rig, book, depth);
    }
    expect(book.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(rig.sim.seats[0]?.requests).toEqual([`subscribe book ${BTC}`]);
    await rig.end();
  });

  it("that fails its checksum is empty until it was sent again, and is paced", async () => {
    const rig = new Rig();
    const [book, other] = [rig.market.book(BTC), rig.market.book(ETH)];
    await rig.live(book);
    await rig.live(other);
    rig.sim.wrongChecksums = 1;
    rig.sim.move(BTC);
    await rig.world.settle();
    expect(book.best).toBeUndefined();
    expect(book.state.snapshot.phase).toBe("recovering");
    await rig.live(book);
    expectWhole(rig, book);
    expect(other.state.snapshot.recoveries).toBe(0);

    rig.sim.wrongChecksums = Number.POSITIVE_INFINITY;
    const { requests } = rig.sim.seats[0]!;
    const before = requests.length;
    await rig.moveFor(60_000);
    expect(requests.length - before).toBeLessThan(40);
    rig.sim.wrongChecksums = 0;
    await rig.moveFor(30_000);
    expect(book.state.snapshot.phase).toBe("live");
    expectWhole(rig, book);
    await rig.end();
  });

  it("is whole again after a reset", async () => {
    const rig = new Rig();
    const book = rig.market.book(BTC);
    await rig.live(book);
    rig.sim.strike("reset");
    await rig.moveFor(500);
    await rig.live(book);
    await rig.moveFor(500);
    expectWhole(rig, book);
    await rig.end();
  });

  it("is checked as the venue's own example is", () => {
    const prices = (from: number, step: number): { price: string; quantity: string }[] =>
      Array.from({ length: 10 }, (_, index) => ({
        price: ((from + index * step) / 100_000).toFixed(5),
        quantity: "0.00000500",
      }));
    // The bids of the example leave out 0.04985.
    const bids = [...prices(5_000, -5).slice(0, 3), ...prices(4_980, -5).slice(0, 7)];
    expect(checksumOf({ asks: prices(5_005, 5), bids })).toBe(974_947_235);
  });
});

describe("a trade", () => {
  it("keeps every digit, and the taker's side", async () => {
    const rig = new Rig();
    const trades = rig.market.trades(BTC);
    await rig.live(trades);
    rig.sim.trade(BTC);
    await rig.world.settle();
    expect(trades.take()?.data).toMatchObject({
      venue: "kraken",
      symbol: BTC,
      id: "1",
      price: "100.0",
      quantity: "0.10000000",
      side: "buy",
    });
    await rig.end();
  });

  it("that a break missed comes with the snapshot, if it is of the last 50", async () => {
    const rig = new Rig();
    const trades = rig.market.rawTrades(BTC);
    await rig.live(trades);
    const seen: number[] = [];
    const read = (): void => {
      for (let event = trades.take(); event !== undefined; event = trades.take())
        seen.push(event.data.trade_id);
    };
    rig.sim.trade(BTC, 10);
    rig.sim.strike("reset");
    rig.sim.trade(BTC, 50);
    await rig.world.run(5_000);
    read();
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(trades.gapCount).toBe(0);
    rig.sim.strike("reset");
    rig.sim.trade(BTC, 70);
    await rig.world.run(5_000);
    read();
    expect(seen.at(-50)).toBe(81);
    expect(trades.gaps).toMatchObject([{ fromSeq: 61, toSeq: 80, reason: "reconnect" }]);
    await rig.end();
  });
});

it("quotes are the best prices, of each symbol the newest", async () => {
  const rig = new Rig();
  const quotes = rig.market.quotes([BTC, ETH]);
  await rig.live(quotes);
  await rig.moveFor(1_000);
  const best = rig.sim.bookOf(BTC).snapshot(1);
  const found = new Map<string, unknown>();
  for (let event = quotes.take(); event !== undefined; event = quotes.take())
    found.set(event.data.symbol, event.data);
  expect(Array.from(found.keys()).toSorted()).toEqual([BTC, ETH]);
  expect(found.get(BTC)).toMatchObject({
    bidPrice: best.bids[0]?.price,
    bidQuantity: best.bids[0]?.qty,
    askPrice: best.asks[0]?.price,
  });
  await rig.end();
});

describe("a refusal", () => {
  it("of an unknown symbol ends that topic, and no other of the same request", async () => {
    const rig = new Rig();
    const [good, bad] = [rig.market.rawTrades(BTC), rig.market.rawTrades("NO/USD")];
    await rig.live(good);
    await rig.world.run(1_000);
    expect(bad.state.snapshot).toMatchObject({
      phase: "failed",
      cause: { message: "Kraken refused: Currency pair not supported NO/USD" },
    });
    expect(good.state.snapshot.phase).toBe("live");
    expect(rig.sim.seats[0]?.requests).toEqual([`subscribe trade ${BTC},NO/USD`]);
    await rig.end();
  });

  it.each(["EAPI:Rate limit exceeded", "EService:Busy"])(
    "for now (%s) ends nothing",
    async (why) => {
      const rig = new Rig();
      rig.sim.refuses = (topic) => (topic === `trade:${BTC}` ? why : undefined);
      const [trades, book] = [rig.market.rawTrades(BTC), rig.market.book(BTC)];
      await rig.world.run(30_000);
      expect(trades.state.snapshot.phase).not.toBe("failed");
      expect(book.state.snapshot.phase).toBe("live");
      expect(rig.sim.seats.flatMap(({ requests }) => requests).length).toBeLessThan(20);
      rig.sim.refuses = () => undefined;
      await rig.live(trades);
      await rig.end();
    },
  );
});

it("half an answer is asked for again, and what the venue had already is whole", async () => {
  const rig = new Rig();
  rig.sim.answersOnlyFirst = true;
  const [first, second] = [rig.market.book(BTC), rig.market.book(ETH)];
  await rig.live(first);
  expect(second.state.snapshot.phase).not.toBe("live");
  await rig.world.run(5_000);
  rig.sim.answersOnlyFirst = false;
  await rig.live(second);
  await rig.moveFor(1_000, ETH);
  expectWhole(rig, second);
  await rig.end();
});

describe("a connection", () => {
  it("without trades lives by its heartbeats, and a mute one is replaced", async () => {
    const rig = new Rig();
    const trades = rig.market.rawTrades(BTC);
    await rig.live(trades);
    await rig.world.run(120_000);
    expect(trades.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    rig.sim.strike("mute");
    await rig.world.run(5_500);
    expect(trades.state.snapshot.phase).toBe("stale");
    await rig.world.run(10_000);
    expect(trades.state.snapshot).toMatchObject({ phase: "live", recoveries: 1 });
    expect(rig.sim.attempts.length).toBe(2);
    await rig.end();
  });

  it("says in which state the venue is", async () => {
    const rig = new Rig();
    await rig.live(rig.market.rawTrades(BTC));
    const states = ["online", "cancel_only", "post_only", "maintenance", "strange"].map(
      (system) => {
        rig.sim.enter(system);
        const { state, detail } = rig.market.venueStatus.snapshot;
        return `${detail}: ${state}`;
      },
    );
    await rig.world.settle();
    expect(states.length).toBe(5);
    expect(rig.market.venueStatus.snapshot).toMatchObject({ state: "unknown", detail: "strange" });
    rig.sim.enter("maintenance");
    await rig.world.settle();
    expect(rig.market.venueStatus.snapshot).toMatchObject({ state: "halted" });
    await rig.end();
  });

  it("loses by what cannot be read only what it is about", async () => {
    const rig = new Rig();
    const [trades, book] = [rig.market.rawTrades(BTC), rig.market.book(BTC)];
    await rig.live(trades);
    await rig.live(book);
    const [seat] = rig.sim.seats;
    seat?.say({ channel: "weather", data: [] });
    await rig.world.settle();
    expect([trades.state.snapshot.breaks, book.state.snapshot.recoveries]).toEqual([0, 0]);
    seat?.tell("trade", "update", [{ price: "1" }]);
    await rig.world.settle();
    expect(trades.state.snapshot.breaks).toBe(1);
    expect(book.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(rig.faults.map(String)).toEqual([
      expect.stringContaining("the channel weather"),
      expect.stringContaining("a trade without a symbol"),
    ]);
    await rig.end();
  });
});

it("options that cannot work are named together", () => {
  const { runtime } = new KrakenSim([]);
  const wrong = { runtime, depth: 7, dept: 10 } as KrakenMarketOptions;
  expect(() => new KrakenMarket(wrong)).toThrow(/dept: is not an option.*depth: must be one of 10/);
});

it("decimals are read digit for digit, and nothing else is changed", () => {
  const text = '{"channel":"trade","data":[{"price":0.10000000,"qty": 5,"trade_id":7}]}';
  expect(readText(text)).toEqual({
    channel: "trade",
    data: [{ price: "0.10000000", qty: "5", trade_id: 7 }],
  });
});

it("the adapter has at most 400 lines that are not blank", () => {
  const folder = new URL("../src/", import.meta.url);
  const lines = readdirSync(folder).flatMap((file) =>
    readFileSync(new URL(file, folder), "utf8").split("\n"),
  );
  expect(lines.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(400);
});
