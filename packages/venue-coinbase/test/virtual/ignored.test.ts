import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import type { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { SIGNER, VirtualVenue } from "../support/virtual-venue.js";
import type { Arrived } from "../support/virtual-venue.js";

/** The times between requests, in milliseconds. */
function pauses(requests: readonly Arrived[]): readonly number[] {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
}

/** A pause of a second, then twice as long each time, each drawn from its upper half. */
function expectGrowing(waited: readonly number[]): void {
  for (const [index, ms] of waited.entries()) {
    const ceiling = Math.min(60_000, 1_000 * 2 ** index);
    expect(ms).toBeGreaterThanOrEqual(ceiling / 2);
    // The address's budget of messages may hold one back.
    expect(ms).toBeLessThanOrEqual(ceiling + 1_500);
  }
}

function start(): {
  readonly venue: VirtualVenue;
  readonly market: CoinbaseMarket;
  readonly faults: WsError[];
} {
  const venue = new VirtualVenue();
  const faults: WsError[] = [];
  const market = new CoinbaseMarket({
    runtime: venue.runtime,
    onFault: (error) => faults.push(error as WsError),
  });
  return { venue, market, faults };
}

describe("a product that the venue leaves out of its acknowledgement", () => {
  it("is named and asked for again, ever more slowly, and costs no other topic anything", async () => {
    const { venue, market, faults } = start();
    venue.accepts = (product) => product !== "SOL-PERP-INTX";
    const btc = market.subscribe("ticker:BTC-USD");
    const sol = market.subscribe("ticker:SOL-PERP-INTX");
    const book = market.book("SOL-PERP-INTX");
    await venue.world.run(2_000);
    const phases = [btc, sol, book].map(({ state }) => state.snapshot.phase);
    expect(phases).toEqual(["live", "subscribing", "subscribing"]);
    expect(sol.state.snapshot.cause).toMatchObject({ code: "SUBSCRIPTION_IGNORED" });
    expect(sol.state.snapshot.cause?.message).toContain("ticker:SOL-PERP-INTX");
    expect(faults[0]?.message).toContain("ticker:SOL-PERP-INTX");
    // What comes later does not wait for it.
    const eth = market.subscribe("ticker:ETH-USD");
    await venue.world.run(1_500);
    expect(eth.state.snapshot.phase).toBe("live");
    await venue.world.run(3_600_000);
    expect(venue.seats).toHaveLength(1);
    for (const { state } of [btc, eth])
      expect(state.snapshot).toMatchObject({ phase: "live", gaps: 0, recoveries: 0 });
    const asked = venue.seat.requests.filter(({ text }) => text.startsWith("subscribe ticker"));
    const alone = asked.filter(({ text }) => text === "subscribe ticker SOL-PERP-INTX");
    expect(alone.length).toBeLessThan(130);
    expectGrowing(pauses([asked[0], ...alone].filter((one) => one !== undefined)));
    venue.accepts = () => true;
    await venue.world.runUntil(() => sol.state.snapshot.phase === "live", 70_000);
    await venue.world.runUntil(() => book.state.snapshot.phase === "live", 70_000);
    await venue.world.complete(market.shutdown());
  });

  it("is missed from the moment when the venue lost it, and has a gap record", async () => {
    const { venue, market } = start();
    const [btc, eth] = [market.subscribe("ticker:BTC-USD"), market.subscribe("ticker:ETH-USD")];
    const book = market.book("BTC-USD");
    await venue.world.runUntil(() => book.state.snapshot.phase === "live");
    venue.seat.say("ticker", { type: "update", tickers: [{ product_id: "BTC-USD" }] });
    venue.seat.forget("BTC-USD");
    market.subscribe("ticker:SOL-USD");
    await venue.world.run(100);
    expect([btc, book].map(({ state }) => state.snapshot.phase)).toEqual([
      "recovering",
      "recovering",
    ]);
    expect(book.bids).toEqual([]);
    await venue.world.run(5_000);
    expect([btc, eth, book].map(({ state }) => state.snapshot.phase)).toEqual([
      "live",
      "live",
      "live",
    ]);
    expect(book.bids).toHaveLength(1);
    expect([btc.gapCount, eth.gapCount]).toEqual([1, 0]);
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });
});

describe("an unsubscription that changes nothing", () => {
  it("is made again a few times, ever more slowly, and costs no other topic anything", async () => {
    const { venue, market, faults } = start();
    const [btc, eth] = [market.subscribe("ticker:BTC-USD"), market.subscribe("ticker:ETH-USD")];
    await venue.world.run(1_000);
    venue.givesUp = false;
    eth.close();
    const sol = market.subscribe("ticker:SOL-USD");
    await venue.world.run(1_500);
    expect(sol.state.snapshot.phase).toBe("live");
    await venue.world.run(600_000);
    const tries = venue.seat.requests.filter(({ text }) => text.startsWith("unsubscribe"));
    expect(tries).toHaveLength(5);
    expectGrowing(pauses(tries));
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(["UNSUBSCRIBE_IGNORED"]));
    expect(btc.state.snapshot).toMatchObject({ phase: "live", gaps: 0, recoveries: 0 });
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });

  it("of a book that is needed again costs its connection in the end, and the book comes", async () => {
    const { venue, market } = start();
    const first = market.book("BTC-USD");
    await venue.world.runUntil(() => first.state.snapshot.phase === "live");
    venue.givesUp = false;
    first.resync();
    await venue.world.run(5_000);
    expect(first.state.snapshot.phase).toBe("recovering");
    await venue.world.runUntil(() => first.state.snapshot.phase === "live", 120_000);
    expect(venue.seats).toHaveLength(2);
    await venue.world.complete(market.shutdown());
  });

  it("is none when a book is closed and opened again in the same turn", async () => {
    const { venue, market } = start();
    const first = market.book("BTC-USD");
    await venue.world.runUntil(() => first.state.snapshot.phase === "live");
    first.close();
    const second = market.book("BTC-USD");
    await venue.world.run(5_000);
    expect([second.state.snapshot.phase, second.bids.length]).toEqual(["live", 1]);
    venue.seat.lose(1);
    await venue.world.run(5_000);
    expect(second.state.snapshot).toMatchObject({ phase: "live", recoveries: 1 });
    await venue.world.complete(market.shutdown());
  });
});

describe("the snapshot of the orders", () => {
  it.each([[[0]], [[49]], [[50]], [[50, 50]], [[50, 1]], [[50, 50, 0]]])(
    "is complete with the acknowledgement, in batches of %j",
    async (sizes) => {
      const venue = new VirtualVenue();
      venue.batches = sizes.map((size) =>
        Array.from({ length: size }, (_, index) => ({ order_id: String(index) })),
      );
      const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
      await venue.world.run(2_000);
      expect(account.state.snapshot.phase).toBe("live");
      const event = account.take();
      const orders = event?.data.kind === "snapshot" ? event.data.orders : undefined;
      expect(orders).toHaveLength(sizes.reduce((sum, size) => sum + size));
      expect(account.take()).toBeUndefined();
      await venue.world.complete(account.shutdown());
    },
  );

  it("is not complete when a frame is missing before the acknowledgement", async () => {
    const venue = new VirtualVenue();
    venue.batches = [Array.from({ length: 50 }, (_, index) => ({ order_id: String(index) }))];
    venue.losesAfterSnapshot = 1;
    const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
    await venue.world.run(500);
    expect(account.state.snapshot.phase).not.toBe("live");
    venue.losesAfterSnapshot = 0;
    await venue.world.runUntil(() => account.state.snapshot.phase === "live", 60_000);
    await venue.world.complete(account.shutdown());
  });
});
