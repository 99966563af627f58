import { WeightBudget } from "@oath-ws/venue-binance";
import type { BinanceSim } from "@oath-ws/sim";
import type { OrderBook } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import { nodeTimer } from "oath-ws/leaf";
import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

function contents({ bids, asks, updateId: lastUpdateId = 0 }: OrderBook): unknown {
  const print = (levels: typeof bids): string[][] =>
    levels.map(({ price, quantity }) => [price, quantity]);
  return { lastUpdateId, bids: print(bids), asks: print(asks) };
}

function truth(sim: BinanceSim, symbol: string): unknown {
  const { bids, asks, lastUpdateId } = sim.market.book(symbol);
  return { lastUpdateId, bids, asks };
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

describe.each(["boundary", "mid-batch"] as const)(
  "a local book, snapshots at %s",
  (depthSnapshots) => {
    it("equals the venue's", async () => {
      const sim = await startVenue({ depthSnapshots, market: { auto: false } });
      const book = openMarket(sim).book("btcusdt");
      await until(book.state, ({ phase }) => phase === "live");
      sim.market.step(20);
      await caughtUp(sim, book);
      expect(contents(book)).toEqual(truth(sim, "BTCUSDT"));
    });

    it("is empty while it recovers from a break, and equal again afterwards", async () => {
      const sim = await startVenue({ depthSnapshots });
      const book = openMarket(sim).book("BTCUSDT");
      await until(book.state, ({ phase }) => phase === "live");
      sim.faults.dropConnections();
      await until(book.state, ({ phase }) => phase === "recovering");
      expect(contents(book)).toEqual({ lastUpdateId: 0, bids: [], asks: [] });
      await until(book.state, ({ phase }) => phase === "live");
      expect(book.bids.length).toBeGreaterThan(0);
      expect(book.state.snapshot.recoveries).toBe(1);
    });
  },
);

describe("a local book", () => {
  it("of a limited snapshot equals the venue's as far as it is known", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const book = openMarket(sim).book("BTCUSDT", { limit: 10 });
    await until(book.state, ({ phase }) => phase === "live");
    const known = (side: "bid" | "ask", levels: readonly (readonly string[])[]): unknown =>
      levels.filter(([price = ""]) => book.isKnown(side, price));
    for (let round = 0; round < 20; round++) {
      sim.market.step(5);
      await caughtUp(sim, book);
      const { bids, asks } = sim.market.book("BTCUSDT");
      const shown = [book.bids, book.asks].map((side) =>
        side.map(({ price, quantity }) => [price, quantity]),
      );
      expect(shown).toEqual([known("bid", bids), known("ask", asks)]);
      expect(shown[0]!.length).toBeLessThan(bids.length);
    }
  });

  it("is replaced alone when its own stream has a hole", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const [book, other] = [market.book("BTCUSDT"), market.book("ETHUSDT")];
    await Promise.all(
      [book, other].map(({ state }) => until(state, ({ phase }) => phase === "live")),
    );
    sim.faults.gap({ symbol: "BTCUSDT", events: 1 });
    await until(book.state, ({ recoveries, phase }) => recoveries === 1 && phase === "live");
    expect(other.state.snapshot.recoveries).toBe(0);
    expect(sim.stats().accepted).toBe(1);
  });

  it("asks again when the snapshot is older than the stream", async () => {
    const sim = await startVenue();
    sim.faults.staleDepth();
    const market = openMarket(sim);
    const depth = market.subscribe("btcusdt@depth@100ms");
    await readUntil(depth, (_, all) => all.length === 3);
    const book = market.book("BTCUSDT");
    await until(book.state, ({ phase }) => phase === "live");
    await readUntil(book.updates, ({ data }) => data.kind === "changes");
  });

  it("tells what happened to it, in order", async () => {
    const sim = await startVenue();
    const book = openMarket(sim).book("BTCUSDT", { updates: { kind: "reliable" } });
    const first = await readUntil(book.updates, ({ data }) => data.kind === "changes");
    expect(first[0]!.data.kind).toBe("snapshot");
    sim.faults.dropConnections();
    const later = await readUntil(book.updates, ({ data }) => data.kind === "snapshot");
    expect(later.filter(({ data }) => data.kind === "lost").map(({ data }) => data)).toEqual([
      { kind: "lost", reason: "reconnected" },
    ]);
  });

  it("fails when the venue does not know the symbol", async () => {
    const sim = await startVenue();
    const book = openMarket(sim).book("NOSUCH");
    await expect(readUntil(book.updates, () => false)).rejects.toMatchObject({
      code: "VENUE_-1121",
      kind: "client",
    });
    expect(book.state.snapshot.phase).toBe("failed");
  });

  it("survives a REST API that is away for a while", async () => {
    const sim = await startVenue();
    let refusals = 3;
    const book = openMarket(sim, {
      runtime: {
        ...nodeRuntime,
        fetch: (url, request) =>
          refusals-- > 0
            ? Promise.reject(new TypeError("fetch failed"))
            : nodeRuntime.fetch(url, request),
      },
    }).book("BTCUSDT");
    await until(book.state, ({ phase }) => phase === "live");
    expect(refusals).toBeLessThan(0);
  });

  it("counts what it asks for against the address's weight", async () => {
    const sim = await startVenue();
    const budget = new WeightBudget(nodeTimer);
    const book = openMarket(sim, { budget }).book("BTCUSDT", { limit: 5_000 });
    await until(book.state, ({ phase }) => phase === "live");
    expect(budget.used).toBe(250);
  });

  it("is empty and ended once closed, and unsubscribes", async () => {
    const sim = await startVenue();
    const book = openMarket(sim).book("BTCUSDT");
    await until(book.state, ({ phase }) => phase === "live");
    book.close();
    book.close();
    expect(contents(book)).toEqual({ lastUpdateId: 0, bids: [], asks: [] });
    while (await book.updates.readable()) book.updates.take();
    await sim.waitFor(({ subscriptions }) =>
      subscriptions.every(({ streams }) => streams.length === 0),
    );
  });

  it("refuses options that cannot work", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    expect(() => market.book("BTCUSDT", { limit: 9_999 })).toThrowError(
      /limit: must be at most 5000/,
    );
    expect(() => market.book("BTC/USDT")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
  });
});
