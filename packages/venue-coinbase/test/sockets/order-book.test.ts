import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { OrderBook } from "@oath-ws/venue-kit";
import type { CoinbaseSim } from "../support/venue.js";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

function contents({ bids, asks }: OrderBook): unknown {
  const print = (levels: typeof bids): string[][] =>
    levels.map(({ price, quantity }) => [price, quantity]);
  return { bids: print(bids), asks: print(asks) };
}

function truth(sim: CoinbaseSim, product: string): unknown {
  const { bids, asks } = sim.market.book(product);
  return { bids, asks };
}

/** Moves a market on by hand until the book has taken up a step of its own. */
async function stepped(sim: CoinbaseSim, book: OrderBook): Promise<void> {
  await until(book.state, ({ phase }) => phase === "live");
  while (book.updates.take() !== undefined);
  sim.market.step();
  await readUntil(book.updates, ({ data }) => data.kind === "changes");
}

/**
 * Moves the market on by hand until the book has caught up with it; a book that never does fails.
 */
async function converged(sim: CoinbaseSim, book: OrderBook): Promise<void> {
  for (let round = 0; round < 50; round++) {
    await until(book.state, ({ phase }) => phase === "live");
    if (isDeepStrictEqual(contents(book), truth(sim, book.symbol))) return;
    sim.market.step();
    await readUntil(book.updates, () => true);
  }
  throw new Error("the book never caught up");
}

const STILL = { market: { auto: false } };

describe("a local book", () => {
  it("equals the venue's", async () => {
    const sim = await startVenue(STILL);
    const book = openMarket(sim).book("btc-usd");
    await until(book.state, ({ phase }) => phase === "live");
    sim.market.step(20);
    await readUntil(book.updates, ({ seq }) => seq === 21);
    expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
    expect(book.at(0)!.bid.price).toBe(sim.market.book("BTC-USD").bids[0]![0]);
    expect(book.quantityAt("ask", `${book.asks[3]!.price}00`)).toBe(book.asks[3]!.quantity);
  });

  it.each(["snapshot-first", "ack-first"] as const)(
    "comes whether the acknowledgement is before or after: %s",
    async (acks) => {
      const sim = await startVenue({ ...STILL, wire: { acks } });
      const book = openMarket(sim).book("BTC-USD");
      await until(book.state, ({ phase }) => phase === "live");
      await stepped(sim, book);
      expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
    },
  );

  it("takes a snapshot of 40 000 levels and more than 4 MiB", async () => {
    const sim = await startVenue({ market: { auto: false, levels: 20_000 } });
    const book = openMarket(sim).book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    expect(sim.stats().bytesSent).toBeGreaterThan(4 * 1_048_576);
    expect([book.bids.length, book.asks.length]).toEqual([20_000, 20_000]);
    await stepped(sim, book);
    expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
  });

  it.each(["reset", "half-open", "close"] as const)(
    "is empty while it recovers from a break, and equal again: %s",
    async (kind) => {
      const sim = await startVenue(STILL);
      const book = openMarket(sim).book("BTC-USD", { updates: { kind: "reliable" } });
      await until(book.state, ({ phase }) => phase === "live");
      if (kind === "close") sim.faults.apply({ kind, code: 1001, reason: "" });
      else sim.faults.apply({ kind });
      await until(book.state, ({ phase }) => phase === "recovering");
      expect(contents(book)).toEqual({ bids: [], asks: [] });
      sim.market.step(5);
      await until(book.state, ({ phase }) => phase === "live");
      expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
      const updates = await readUntil(
        book.updates,
        ({ seq, data }) => seq > 1 && data.kind === "snapshot",
      );
      expect(updates.map(({ data }) => data.kind)).toEqual(["snapshot", "lost", "snapshot"]);
    },
  );

  it("is replaced on the same connection when numbers are missing, and nothing lost stays in it", async () => {
    const sim = await startVenue(STILL);
    const faults: unknown[] = [];
    const market = openMarket(sim, { onFault: (error) => faults.push(error) });
    const books = ["BTC-USD", "ETH-USD"].map((product) =>
      market.book(product, { updates: { kind: "reliable" } }),
    );
    await Promise.all(books.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    // Both books lose a change; the step after it shows the hole.
    sim.faults.drop(2);
    sim.market.step(2);
    await Promise.all(
      books.map(({ state }) =>
        until(state, ({ phase, recoveries }) => phase === "live" && recoveries === 1),
      ),
    );
    for (const book of books) expect(contents(book)).toEqual(truth(sim, book.symbol));
    expect(sim.stats().accepted).toBe(1);
    expect(faults).toMatchObject([{ code: "SEQUENCE_GAP" }]);
    const asked = sim.stats().requests.map(({ type, channel }) => `${type} ${channel}`);
    expect(asked).toEqual([
      "subscribe heartbeats",
      "subscribe level2",
      "unsubscribe level2",
      "subscribe level2",
    ]);
    const updates = await readUntil(
      books[0]!.updates,
      ({ seq, data }) => seq > 1 && data.kind === "snapshot",
    );
    expect(updates.map(({ data }) => data)).toMatchObject([
      { kind: "snapshot" },
      { kind: "lost", reason: "gap" },
      { kind: "snapshot" },
    ]);
  });

  it("finds out by the next heartbeat that a change of a quiet product is missing", async () => {
    const sim = await startVenue(STILL);
    const book = openMarket(sim).book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    sim.faults.drop(1);
    sim.market.step();
    await until(book.state, ({ phase, recoveries }) => phase === "live" && recoveries === 1);
    expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
  });

  it.each([
    ["drop", { kind: "drop", count: 3 }],
    ["reorder", { kind: "reorder", count: 2 }],
    ["duplicate", { kind: "duplicate", count: 5 }],
    ["gap", { kind: "gap", events: 7 }],
    ["reset", { kind: "reset" }],
    ["fragment", { kind: "fragment", pieces: 3 }],
    ["drop-replies", { kind: "drop-replies", count: 1 }],
    ["oversized", { kind: "oversized", bytes: 100_000 }],
    ["bad-utf8", { kind: "bad-utf8" }],
    ["throttle", { kind: "throttle", bytesPerSecond: 2_000_000 }],
  ] as const)("is equal to the venue's after: %s", async (_, fault) => {
    const sim = await startVenue(STILL);
    const book = openMarket(sim).book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    sim.market.step(3);
    sim.faults.apply(fault);
    sim.market.step(20);
    await converged(sim, book);
    sim.market.step(3);
    await converged(sim, book);
  });

  it("is shared by the two names of a product, and a second one gets a beginning of its own", async () => {
    const sim = await startVenue(STILL);
    const market = openMarket(sim);
    const book = market.book("BTC-USDC");
    await until(book.state, ({ phase }) => phase === "live");
    const other = market.book("BTC-USD");
    await until(other.state, ({ phase }) => phase === "live");
    await Promise.all([
      stepped(sim, book),
      readUntil(other.updates, ({ data }) => data.kind === "changes"),
    ]);
    expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
    expect(contents(other)).toEqual(truth(sim, "BTC-USD"));
    expect(market.topics).toEqual(["level2:BTC-USD"]);
    book.close();
    await stepped(sim, other);
    expect(contents(other)).toEqual(truth(sim, "BTC-USD"));
  });

  it("is stale, and not live, while it is unsubscribed for a second one's sake", async () => {
    const sim = await startVenue(STILL);
    const market = openMarket(sim);
    const book = market.book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    const raw = market.subscribe("level2:BTC-USD");
    await until(book.state, ({ staleCount, phase }) => staleCount === 1 && phase === "live");
    expect(raw.state.snapshot).toMatchObject({ phase: "live", staleCount: 1 });
    expect(book.state.snapshot).toMatchObject({ recoveries: 0 });
  });

  it("knows a product of its own that ends in -USDC", async () => {
    const sim = await startVenue({
      ...STILL,
      products: ["USDT-USDC", "BTC-USD"],
      wire: { ackNames: "requested" },
    });
    const market = openMarket(sim);
    const books = ["USDT-USDC", "BTC-USDC"].map((product) => market.book(product));
    await Promise.all(books.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    expect(market.topics).toEqual(["level2:USDT-USDC", "level2:BTC-USD"]);
  });

  it("comes again when it is asked for", async () => {
    const sim = await startVenue(STILL);
    const book = openMarket(sim).book("BTC-USD", { updates: { kind: "reliable" } });
    await until(book.state, ({ phase }) => phase === "live");
    book.resync();
    expect(contents(book)).toEqual({ bids: [], asks: [] });
    const updates = await readUntil(book.updates, (_, all) => all.length === 3);
    expect(updates[1]!.data).toEqual({ kind: "lost", reason: "requested" });
    expect(contents(book)).toEqual(truth(sim, "BTC-USD"));
  });

  it("fails when the venue does not know the product, and spares the others of the same request", async () => {
    const sim = await startVenue(STILL);
    const market = openMarket(sim);
    const [good, bad] = [market.book("BTC-USD"), market.book("NO-SUCH")];
    await expect(readUntil(bad.updates, () => false)).rejects.toMatchObject({
      code: "SUBSCRIPTION_REFUSED",
      kind: "client",
    });
    expect(bad.state.snapshot.phase).toBe("failed");
    await until(good.state, ({ phase }) => phase === "live");
  });

  it("is empty and ended once closed, and unsubscribes", async () => {
    const sim = await startVenue(STILL);
    const book = openMarket(sim).book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    book.close();
    book.close();
    expect(contents(book)).toEqual({ bids: [], asks: [] });
    while (await book.updates.readable()) book.updates.take();
    await sim.waitFor(({ subscriptions }) =>
      subscriptions.every(({ topics }) => topics.join() === "heartbeats"),
    );
  });
});

describe("more books than one connection carries", () => {
  const products = Array.from({ length: 65 }, (_, index) => `P${index}-USD`);

  it("are spread, 30 on each, and none is refused", async () => {
    const sim = await startVenue({ ...STILL, products });
    const market = openMarket(sim);
    const books = products.map((product) => market.book(product));
    await Promise.all(books.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    expect(market.connections.map(({ topics }) => topics)).toEqual([30, 30, 5]);
    expect(sim.stats().requests.filter(({ error }) => error !== undefined)).toEqual([]);
    // A connection that is not needed any more goes.
    for (const book of books.slice(60)) book.close();
    await sim.waitFor(({ open }) => open === 2);
    // What was given up makes room, once the venue has said so.
    sim.faults.stall(2_000, { connection: 1 });
    books[0]!.close();
    await turn();
    const meanwhile = market.book("P63-USD");
    await until(meanwhile.state, ({ phase }) => phase === "live");
    expect(market.connections).toHaveLength(3);
    meanwhile.close();
    await sim.waitFor(({ open }) => open === 2);
    await sim.waitFor(({ subscriptions }) => subscriptions[0]!.topics.length === 30);
    // What comes behind the acknowledgement shows that we have got it.
    await readUntil(market.subscribe("heartbeats"), (_, all) => all.length === 2);
    const again = market.book("P64-USD");
    await until(again.state, ({ phase }) => phase === "live");
    expect(market.connections).toHaveLength(2);
  });

  it("fail one by one when the venue's limit is lower than thought", async () => {
    const sim = await startVenue({ ...STILL, products, limits: { level2Products: 3 } });
    const market = openMarket(sim);
    const books = products.slice(0, 5).map((product) => market.book(product));
    await Promise.all(
      books.map(({ state }) => until(state, ({ phase }) => phase === "live" || phase === "failed")),
    );
    const failed = books.filter(({ state }) => state.snapshot.phase === "failed");
    expect(failed).toHaveLength(2);
    for (const { state } of failed)
      expect(state.snapshot.cause).toMatchObject({ code: "LEVEL2_LIMIT", kind: "client" });
  });
});
