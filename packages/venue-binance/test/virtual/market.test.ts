import { BinanceMarket } from "@oath-ws/venue-binance";
import type { Trade } from "@oath-ws/venue-binance";
import type { Subscription } from "@oath-ws/venue-kit";
import { refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function trade(t: number): object {
  return { e: "trade", E: t, s: "BTCUSDT", t, p: "1.0", q: "1.0", T: t, m: true, M: true };
}

function drain(trades: Subscription<Trade>): number[] {
  const ids: number[] = [];
  for (let event = trades.take(); event !== undefined; event = trades.take())
    ids.push(event.data.t);
  return ids;
}

/**
 * The venue's own duties: a ping every 20 s (B-6), and the end of every connection after 24 h
 * (B-5).
 */
function keepVenueHours(venue: VirtualVenue): { readonly cuts: () => number } {
  let cuts = 0;
  const opened = new Map<object, number>();
  const tick = (): void => {
    const now = venue.world.timer.now();
    for (const peer of venue.leaf.peers) {
      if (!peer.isOpen) continue;
      if (!opened.has(peer)) opened.set(peer, now);
      if (now - (opened.get(peer) ?? now) >= DAY) {
        cuts++;
        peer.close(1001);
      } else {
        peer.ping(String(now));
      }
    }
    venue.world.timer.schedule(20_000, tick);
  };
  tick();
  return { cuts: () => cuts };
}

describe("the market adapter in virtual time", () => {
  it("lives for three days of 24 h connections without a gap, and is never cut", async () => {
    const venue = new VirtualVenue();
    const hours = keepVenueHours(venue);
    const market = new BinanceMarket({ runtime: venue.runtime });
    const trades = market.subscribe("btcusdt@trade");
    await venue.world.settle();
    const ids: number[] = [];
    for (let minute = 1; minute <= 3 * 24 * 60; minute++) {
      venue.publish("btcusdt@trade", trade(minute));
      await venue.world.run(60_000);
      ids.push(...drain(trades));
    }
    expect(ids).toEqual(Array.from({ length: 3 * 24 * 60 }, (_, index) => index + 1));
    expect(trades.gaps).toEqual([]);
    expect(hours.cuts()).toBe(0);
    expect(venue.leaf.dials.length).toBeGreaterThanOrEqual(4);
    expect(venue.leaf.dials.length).toBeLessThanOrEqual(5);
    expect(venue.leaf.openSockets).toBe(1);
    expect(trades.state.snapshot.recoveries).toBe(0);
    // Three days of events are much to compute for a busy machine.
  }, 60_000);

  it("keeps the venue's limit of frames in every window while it subscribes 1 000 streams", async () => {
    const venue = new VirtualVenue();
    const market = new BinanceMarket({ runtime: venue.runtime });
    for (let index = 0; index < 1_000; index++) market.subscribe(`s${index}usdt@trade`);
    const sent: number[] = [];
    await venue.world.settle();
    const [peer] = venue.leaf.peers;
    // The venue's own ping, at the worst moment.
    peer?.ping("p");
    await venue.world.run(20_000);
    for (const frame of peer?.received ?? []) sent.push(frame.at);
    expect(venue.streams.get(peer!)?.size).toBe(1_000);
    for (const from of sent)
      expect(sent.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(5);
    // Each command names as many streams as is safe, and waits for the one before.
    expect(venue.requests.map(({ params }) => (params as string[]).length)).toEqual(
      Array.from({ length: 10 }, () => 100),
    );
    await venue.world.complete(market.shutdown());
    expect(venue.world.timer.pendingCount).toBe(0);
  });

  it("makes at most 250 attempts in five minutes, whatever the venue does", async () => {
    const venue = new VirtualVenue();
    venue.leaf.otherwise = venue.accepting();
    const market = new BinanceMarket({
      runtime: venue.runtime,
      maxStreamsPerConnection: 1,
      config: { backoff: { minMs: 1, maxMs: 1_000, factor: 1, stableAfterMs: 1 } },
    });
    for (let index = 0; index < 20; index++) market.subscribe(`s${index}usdt@trade`);
    venue.leaf.otherwise = refuse({ status: 503 });
    await venue.world.run(HOUR);
    const times = venue.leaf.dials.map(({ at }) => at);
    for (const from of times)
      expect(times.filter((at) => at >= from && at < from + 300_000).length).toBeLessThanOrEqual(
        250,
      );
    expect(times.length).toBeGreaterThan(1_000);
    await venue.world.complete(market.shutdown());
    expect(venue.world.timer.pendingCount).toBe(0);
  });

  it("repeats a command that stays unanswered, and then makes the connection again", async () => {
    const venue = new VirtualVenue();
    venue.answer = () => undefined;
    const market = new BinanceMarket({ runtime: venue.runtime });
    const trades = market.subscribe("btcusdt@trade");
    await venue.world.run(29_000);
    expect(venue.requests.map(({ method }) => method)).toEqual([
      "SUBSCRIBE",
      "SUBSCRIBE",
      "SUBSCRIBE",
    ]);
    expect(venue.leaf.dials).toHaveLength(1);
    venue.answer = () => ({ result: null });
    await venue.world.run(10_000);
    expect(venue.leaf.dials).toHaveLength(2);
    expect(trades.state.snapshot.phase).toBe("live");
  });

  it("understands both forms in which the venue refuses a stream", async () => {
    for (const refusal of [
      { code: 2, msg: "Invalid request" },
      { error: { code: 2, msg: "Invalid request" } },
    ]) {
      const venue = new VirtualVenue();
      venue.answer = ({ params }) =>
        (params as string[]).includes("bad@trade") ? refusal : { result: null };
      const market = new BinanceMarket({ runtime: venue.runtime });
      const good = ["a@trade", "b@trade", "c@trade"].map((name) => market.subscribe(name));
      const bad = market.subscribe("bad@trade");
      await venue.world.run(25_000);
      expect(bad.state.snapshot).toMatchObject({
        phase: "failed",
        cause: { code: "SUBSCRIPTION_REFUSED" },
      });
      expect(good.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live", "live"]);
    }
  });
});
