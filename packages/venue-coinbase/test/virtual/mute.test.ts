import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import { describe, expect, it } from "vitest";
import { SIGNER, VirtualVenue } from "../support/virtual-venue.js";

const HOUR = 3_600_000;

describe("a venue that answers pings and is mute, with the defaults", () => {
  it("makes everything on the connection stale after 5 s, and the connection again after 10 s", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const held = [market.subscribe("market_trades:BTC-USD"), market.book("BTC-USD")];
    const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
    await venue.world.run(3_000);
    const all = [...held, account];
    expect(all.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live", "live"]);
    venue.beats = false;
    await venue.world.run(6_500);
    expect(all.map(({ state }) => state.snapshot.phase)).toEqual(["stale", "stale", "stale"]);
    expect(venue.seats).toHaveLength(2);
    await venue.world.run(5_000);
    expect(venue.seats.length).toBeGreaterThanOrEqual(4);
    venue.beats = true;
    await venue.world.run(30_000);
    expect(all.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live", "live"]);
    await venue.world.complete(Promise.all([market.shutdown(), account.shutdown()]));
  });

  it("is given twice as long with each connection while it stays so, up to 5 minutes", async () => {
    const venue = new VirtualVenue();
    venue.beats = false;
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const trades = market.subscribe("market_trades:BTC-USD");
    await venue.world.run(HOUR);
    // 10 s, 20 s, 40 s, 80 s, 160 s, and then every 5 minutes.
    expect(venue.seats.length).toBeGreaterThan(12);
    expect(venue.seats.length).toBeLessThan(19);
    venue.beats = true;
    await venue.world.runUntil(() => trades.state.snapshot.phase === "live", 310_000);
    const before = venue.seats.length;
    await venue.world.run(120_000);
    expect(venue.seats).toHaveLength(before);
    // After a good while with beats the next silence is a short one again.
    venue.beats = false;
    await venue.world.run(12_000);
    expect(venue.seats).toHaveLength(before + 1);
    await venue.world.complete(market.shutdown());
  });
});

describe("a loop that stood still until a mute connection was given up", () => {
  it("tells that the orders were stale, too", async () => {
    const venue = new VirtualVenue();
    const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
    await venue.world.run(3_000);
    expect(account.state.snapshot.phase).toBe("live");
    venue.beats = false;
    await venue.world.stall(30_000);
    await venue.world.run(1_000);
    expect(account.state.snapshot).toMatchObject({ staleCount: 1, recoveries: 1 });
    await venue.world.complete(account.shutdown());
  });
});

describe("a product without trades", () => {
  it("is no mute connection, however long it is halted", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const trades = market.subscribe("market_trades:BTC-USD");
    await venue.world.run(2 * HOUR);
    expect(trades.state.snapshot).toMatchObject({ phase: "live", staleCount: 0, recoveries: 0 });
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });

  it("is told as stale when its reader names a limit", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const trades = market.subscribe("market_trades:BTC-USD", { staleAfterMs: 60_000 });
    await venue.world.run(70_000);
    expect(trades.state.snapshot.phase).toBe("stale");
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });
});

describe("a machine that slept", () => {
  it("has nothing of before fresh within a second of its waking, and connects again", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const book = market.book("BTC-USD");
    await venue.world.run(3_500);
    expect(book.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    venue.beats = false;
    venue.world.timer.sleep(8 * HOUR);
    await venue.world.run(1_100);
    // It is live on a new connection, or not at all.
    expect(book.state.snapshot).toMatchObject({ recoveries: 1 });
    expect(venue.seats).toHaveLength(2);
    venue.beats = true;
    await venue.world.run(10_000);
    expect(book.state.snapshot.phase).toBe("live");
    await venue.world.complete(market.shutdown());
  });

  it("keeps its connection when beats come with the waking", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const book = market.book("BTC-USD");
    await venue.world.run(3_500);
    venue.seat.say("heartbeats", { current_time: "now", heartbeat_counter: 9 });
    venue.world.timer.sleep(60_000);
    venue.seat.say("heartbeats", { current_time: "now", heartbeat_counter: 9 });
    await venue.world.run(2_000);
    expect(book.state.snapshot.phase).toBe("live");
    expect(venue.seats).toHaveLength(1);
    await venue.world.complete(market.shutdown());
  });

  it("is not taken for one whose clock was set back", async () => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const book = market.book("BTC-USD");
    await venue.world.run(3_500);
    venue.world.timer.stepWall(-HOUR);
    await venue.world.run(30_000);
    expect(book.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    await venue.world.complete(market.shutdown());
  });
});
