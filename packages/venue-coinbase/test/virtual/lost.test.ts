import { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import { describe, expect, it } from "vitest";
import { book, VirtualVenue } from "../support/virtual-venue.js";

function start(): { readonly venue: VirtualVenue; readonly market: CoinbaseMarket } {
  const venue = new VirtualVenue();
  return { venue, market: new CoinbaseMarket({ runtime: venue.runtime }) };
}

describe("an event that cannot be read", () => {
  it.each([
    ["is neither a snapshot nor an update", { ...book("update", "BTC-USD"), type: "odd" }],
    ["lacks its levels", { type: "update", product_id: "BTC-USD" }],
  ])("costs the book that it names, and no other topic: it %s", async (_, event) => {
    const { venue, market } = start();
    const [btc, eth] = [market.book("BTC-USD"), market.book("ETH-USD")];
    const [own, ticker] = [market.subscribe("level2:ETH-USD"), market.subscribe("ticker:BTC-USD")];
    await venue.world.run(5_000);
    venue.seat.say("ticker", { type: "update", tickers: [{ product_id: "BTC-USD" }] });
    const recoveries = eth.state.snapshot.recoveries;
    venue.seat.say("l2_data", event);
    await venue.world.runUntil(() => btc.state.snapshot.phase === "recovering", 1_000);
    expect(eth.state.snapshot.phase).toBe("live");
    expect(btc.bids).toEqual([]);
    await venue.world.run(5_000);
    expect(btc.state.snapshot.phase).toBe("live");
    expect(eth.state.snapshot.recoveries).toBe(recoveries);
    expect([own.gapCount, ticker.gapCount]).toEqual([0, 0]);
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });

  it("of an unknown channel costs nothing", async () => {
    const { venue, market } = start();
    const [btc, ticker] = [market.book("BTC-USD"), market.subscribe("ticker:BTC-USD")];
    await venue.world.run(3_000);
    venue.seat.say("rfq_matches", { type: "odd" });
    await venue.world.run(3_000);
    expect(btc.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(ticker.gapCount).toBe(0);
    await venue.world.complete(market.shutdown());
  });
});

describe("a line that loses frames again and again", () => {
  it("has what is stateful asked for again, and nothing else, after pauses that grow", async () => {
    const { venue, market } = start();
    const btc = market.book("BTC-USD");
    market.subscribe("ticker:BTC-USD");
    await venue.world.run(3_000);
    const { requests } = venue.seat;
    const before = requests.length;
    for (let passed = 0; passed < 600_000; passed += 500) {
      venue.seat.lose(1);
      venue.seat.say("ticker", { type: "update", tickers: [{ product_id: "BTC-USD" }] });
      await venue.world.run(500);
    }
    const asked = requests.slice(before).map(({ text }) => text);
    expect(new Set(asked)).toEqual(
      new Set(["unsubscribe level2 BTC-USD", "subscribe level2 BTC-USD"]),
    );
    // Every 5 to 10 s in the end, and two requests each time.
    expect(asked.length).toBeLessThan(320);
    await venue.world.run(30_000);
    expect(btc.state.snapshot.phase).toBe("live");
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });
});

describe("a book that the venue refuses to send again", () => {
  it.each([
    ["failure to subscribe", "failed"],
    ["internal error", "recovering"],
  ])("costs no other topic anything: %s", async (message, phase) => {
    const { venue, market } = start();
    const [btc, eth] = [market.book("BTC-USD"), market.book("ETH-USD")];
    const ticker = market.subscribe("ticker:BTC-USD");
    await venue.world.run(5_000);
    venue.refuses = (text) => (/^subscribe level2.*BTC-USD/.test(text) ? message : undefined);
    // Frames are missing: both books are asked for again together.
    venue.seat.lose(1);
    await venue.world.run(20_000);
    expect([btc, eth, ticker].map(({ state }) => state.snapshot.phase)).toEqual([
      phase,
      "live",
      "live",
    ]);
    expect(venue.seats).toHaveLength(1);
    venue.refuses = () => undefined;
    await venue.world.run(60_000);
    expect(btc.state.snapshot.phase).toBe(phase === "failed" ? "failed" : "live");
    await venue.world.complete(market.shutdown());
  });
});
