import type { BinanceSim } from "@oath-ws/sim";
import type { BinanceMarket, DepthUpdate, MarketOptions } from "@oath-ws/venue-binance";
import type { OrderBook, Subscription } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

/** The adapter over SBE, with a key that the venue knows. */
function openSbe(sim: BinanceSim, options?: Partial<MarketOptions>): BinanceMarket {
  const { apiKey } = sim.account();
  return openMarket(sim, { url: sim.sbeUrl, encoding: "sbe", apiKey, ...options });
}

/** Waits until the venue has so many streams for us, moves the market on, and reads to its end. */
async function payloads<A, B>(
  sim: BinanceSim,
  [one, isLast]: readonly [Subscription<A>, (data: A) => boolean],
  [other, isOtherLast]: readonly [Subscription<B>, (data: B) => boolean],
): Promise<readonly [readonly A[], readonly B[]]> {
  await sim.waitFor(({ subscriptions }) => subscriptions.flatMap((s) => s.streams).length === 2);
  await Promise.all([one, other].map(({ state }) => until(state, ({ phase }) => phase === "live")));
  sim.market.step(40);
  const [ones, others] = await Promise.all([
    readUntil(one, ({ data }) => isLast(data)),
    readUntil(other, ({ data }) => isOtherLast(data)),
  ]);
  return [ones.map(({ data }) => data), others.map(({ data }) => data)];
}

/** Consecutive changes as one: the last quantity of each level counts. */
function merged(updates: readonly DepthUpdate[]): unknown {
  const side = (which: "b" | "a"): Record<string, string> =>
    Object.fromEntries(updates.flatMap((update) => update[which]));
  return {
    U: updates[0]?.U,
    u: updates.at(-1)?.u,
    E: updates.at(-1)?.E,
    b: side("b"),
    a: side("a"),
  };
}

/** Without the zeros at the end: the exponents of the messages decide how many there are. */
function plain(text: string): string {
  return text.replace(/\.?0+$/, "");
}

function contents({ bids, asks, updateId: lastUpdateId = 0 }: OrderBook): unknown {
  const print = (levels: typeof bids): string[][] =>
    levels.map(({ price, quantity }) => [plain(price), plain(quantity)]);
  return { lastUpdateId, bids: print(bids), asks: print(asks) };
}

function truth(sim: BinanceSim, symbol: string): unknown {
  const { bids, asks, lastUpdateId } = sim.market.book(symbol);
  const print = (levels: typeof bids): string[][] => levels.map((level) => level.map(plain));
  return { lastUpdateId, bids: print(bids), asks: print(asks) };
}

/** Moves the market on by hand until the book has caught up with it. */
async function caughtUp(sim: BinanceSim, book: OrderBook): Promise<void> {
  for (let round = 0; round < 100; round++) {
    await until(book.state, ({ phase }) => phase === "live");
    if (book.updateId === sim.market.lastIds(book.symbol).updateId) return;
    sim.market.step();
    await readUntil(book.updates, () => true);
  }
  throw new Error("the book never caught up");
}

const BY_HAND = { market: { auto: false } };
/** So dear that its price in units of 10^-8 is beyond 2^53. */
const DEAR = {
  symbol: "DEARUSDT",
  base: "DEAR",
  quote: "USDT",
  price: 900_000_000,
  priceDecimals: 2,
  quantityDecimals: 5,
};

describe.each([
  ["as the venue writes it", {}],
  ["of a newer version", { appendedBytes: 5 }],
])("the streams in SBE, %s, bring what their JSON twins bring:", (_, sbe) => {
  it.each(["BTCUSDT", "DEARUSDT"])("trades of %s", async (symbol) => {
    const sim = await startVenue({ ...BY_HAND, sbe, symbols: ["BTCUSDT", DEAR] });
    const id = (): number => sim.market.lastIds(symbol).tradeId;
    const json = openMarket(sim, { timeUnit: "us" }).subscribe(`${symbol}@trade`);
    const [twins, trades] = await payloads(
      sim,
      [json, ({ t }) => t === id()],
      [openSbe(sim).subscribe(`${symbol}@trade`), ({ t }) => t === id()],
    );
    expect(trades.length).toBeGreaterThan(20);
    expect(trades).toEqual(twins);
  });

  it("best bid and ask", async () => {
    const sim = await startVenue({ ...BY_HAND, sbe });
    const id = (): number => sim.market.lastIds("BTCUSDT").updateId;
    const [twins, bests] = await payloads(
      sim,
      [openMarket(sim).subscribe("btcusdt@bookTicker"), ({ u }) => u > id() - 8],
      [openSbe(sim).subscribe("BTCUSDT@bestBidAsk"), ({ u }) => u > id() - 8],
    );
    expect(bests.length).toBeGreaterThan(5);
    expect(bests.map(({ E: _E, ...rest }) => rest)).toEqual(twins);
    expect(bests.every(({ E }) => E > 1e15)).toBe(true);
  });

  it("partial books", async () => {
    const sim = await startVenue({ ...BY_HAND, sbe });
    const id = (): number => sim.market.lastIds("BTCUSDT").updateId;
    const [twins, books] = await payloads(
      sim,
      [openMarket(sim).subscribe("btcusdt@depth20@100ms"), (data) => data.lastUpdateId === id()],
      [openSbe(sim).subscribe("btcusdt@depth20"), (data) => data.lastUpdateId === id()],
    );
    expect(books).toHaveLength(40);
    expect(books.map(({ E: _E, s: _s, ...rest }) => rest)).toEqual(twins);
    expect(books.every(({ E = 0, s }) => E > 1e15 && s === "BTCUSDT")).toBe(true);
  });

  it("changes of the book, in smaller parts", async () => {
    const sim = await startVenue({ ...BY_HAND, sbe });
    const id = (): number => sim.market.lastIds("BTCUSDT").updateId;
    const [twins, updates] = await payloads(
      sim,
      [openMarket(sim, { timeUnit: "us" }).subscribe("btcusdt@depth@100ms"), ({ u }) => u === id()],
      [openSbe(sim).subscribe("btcusdt@depth"), ({ u }) => u === id()],
    );
    expect(updates.length).toBeGreaterThan(twins.length);
    for (const twin of twins) {
      const parts = updates.filter(({ U, u }) => U >= twin.U && u <= twin.u);
      expect(merged(parts)).toEqual(merged([twin]));
    }
    expect(sim.record.published("sbe:btcusdt@depth")).toEqual([
      { first: updates[0]?.U, last: id(), events: updates.length },
    ]);
  });
});

describe.each([
  ["the exponents of JSON", {}],
  ["other exponents than the snapshot's text", { priceExponent: -2, quantityExponent: -5 }],
])("a local book over SBE, with %s,", (_, sbe) => {
  it("equals the venue's, also after a break and after a hole", async () => {
    const symbols = ["BTCUSDT", "ETHUSDT"];
    const sim = await startVenue({ ...BY_HAND, sbe, symbols, depthSnapshots: "mid-batch" });
    const market = openSbe(sim);
    const book = market.book("btcusdt");
    const other = market.book("ethusdt");
    await until(other.state, ({ phase }) => phase === "live");
    sim.market.step(20);
    await caughtUp(sim, book);
    expect(contents(book)).toEqual(truth(sim, "BTCUSDT"));
    sim.faults.dropConnections();
    await until(book.state, ({ recoveries }) => recoveries === 1);
    await caughtUp(sim, book);
    expect(contents(book)).toEqual(truth(sim, "BTCUSDT"));
    await caughtUp(sim, other);
    sim.faults.gap({ symbol: "BTCUSDT", events: 1 });
    sim.market.step(2);
    await until(book.state, ({ recoveries }) => recoveries === 2);
    await caughtUp(sim, book);
    expect(contents(book)).toEqual(truth(sim, "BTCUSDT"));
    expect(other.state.snapshot.recoveries).toBe(1);
  });
});

describe("streams in SBE over real sockets", () => {
  it("come as mantissas too, each trade once over a break", async () => {
    const sim = await startVenue({ symbols: [DEAR] });
    const market = openSbe(sim);
    const trades = market.subscribeScaled("DEARUSDT@trade");
    await readUntil(trades, () => true);
    sim.faults.dropConnections();
    const events = await readUntil(trades, ({ epoch }, all) => epoch === 2 && all.length > 20);
    const [{ data } = {}] = events;
    expect(typeof data?.p).toBe("bigint");
    expect(data).toMatchObject({ s: "DEARUSDT", priceExponent: -8, quantityExponent: -8 });
    const ids = events.map((event) => event.data.t);
    expect(new Set(ids).size).toBe(ids.length);
    expect(market.streams).toEqual(["dearusdt@trade"]);
    expect(await market.list()).toEqual(["dearusdt@trade"]);
    await market.shutdown();
    expect(() => market.subscribeScaled("DEARUSDT@trade")).toThrowError(
      expect.objectContaining({ code: "SHUT_DOWN" }),
    );
  });

  it("are replaced without a break when the venue announces its end in a text frame", async () => {
    const sim = await startVenue();
    const trades = openSbe(sim).subscribe("btcusdt@trade");
    await readUntil(trades, () => true);
    sim.faults.serverShutdown(10_000);
    await readUntil(trades, ({ epoch }) => epoch === 2);
    expect(trades.gaps).toEqual([]);
  });

  it("tell of holes, and deliver nothing twice", async () => {
    const sim = await startVenue();
    const trades = openSbe(sim).subscribe("btcusdt@trade");
    await readUntil(trades, () => true);
    sim.faults.duplicate(5);
    sim.faults.drop(2);
    const events = await readUntil(trades, (_, all) => all.length === 60);
    const ids = events.map(({ data }) => data.t);
    expect(new Set(ids).size).toBe(ids.length);
    const missing = trades.gaps.reduce(
      (sum, { fromSeq = 0, toSeq = 0 }) => sum + toSeq - fromSeq + 1,
      0,
    );
    expect(missing).toBeGreaterThan(0);
    expect(ids.length + missing).toBe((ids.at(-1) ?? 0) - (ids[0] ?? 0) + 1);
  });

  it("are listed by the venue", async () => {
    const sim = await startVenue();
    const market = openSbe(sim);
    await readUntil(market.subscribe("btcusdt@depth"), () => true);
    expect(await market.list()).toEqual(["btcusdt@depth"]);
  });

  it("fail soon when the venue refuses the key", async () => {
    const sim = await startVenue();
    const trades = openSbe(sim, { apiKey: "canary-key" }).subscribe("btcusdt@trade");
    await expect(readUntil(trades, () => false)).rejects.toMatchObject({ status: 400 });
    expect(trades.state.snapshot.phase).toBe("failed");
    const { connects } = sim.stats();
    expect(new Set(connects.map(({ refused }) => refused))).toEqual(new Set(["bad-key"]));
    expect(connects.length).toBeLessThan(6);
  });
});
