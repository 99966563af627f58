import { inspect } from "node:util";
import { refuse } from "@oath-ws/testing";
import { BinanceMarket, SBE_URL } from "@oath-ws/venue-binance";
import type { MarketOptions } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { bytesOf, SBE_FRAMES } from "../support/sbe-frames.js";
import { VirtualVenue } from "../support/virtual-venue.js";

const KEY = "canary-key";

function open(
  venue: VirtualVenue,
  options: Partial<MarketOptions> = {},
): { readonly market: BinanceMarket; readonly told: unknown[] } {
  const told: unknown[] = [];
  const market = new BinanceMarket({
    runtime: venue.runtime,
    encoding: "sbe",
    apiKey: KEY,
    tracer: { trace: (event) => told.push(event) },
    onFault: (error) => told.push(error),
    ...options,
  });
  return { market, told };
}

describe("streams in SBE", () => {
  it("are dialled at their own address, with the key in a header and in no message", async () => {
    const venue = new VirtualVenue();
    const { market, told } = open(venue);
    market.subscribe("btcusdt@trade");
    await venue.world.run(1_000);
    expect(venue.leaf.dials.map(({ handshake }) => handshake)).toMatchObject([
      { url: `${SBE_URL}/stream`, headers: { "X-MBX-APIKEY": KEY } },
    ]);
    expect(venue.requests).toMatchObject([{ method: "SUBSCRIBE", params: ["btcusdt@trade"] }]);
    told.push(market, market.connections, venue.requests);
    expect(told.length).toBeGreaterThan(3);
    expect(told.map((each) => inspect(each, { depth: 20 })).join()).not.toContain(KEY);
  });

  it("do not show a key that is refused", async () => {
    const venue = new VirtualVenue();
    venue.leaf.otherwise = refuse({ status: 401 });
    const { market, told } = open(venue);
    const trades = market.subscribe("btcusdt@trade");
    await venue.world.run(600_000);
    expect(trades.state.snapshot).toMatchObject({ phase: "failed", cause: { status: 401 } });
    told.push(market, trades.state.snapshot.cause);
    const shown = told.map((each) => inspect(each, { depth: 20 }) + JSON.stringify(each));
    expect(shown.join()).not.toContain(KEY);
  });

  it("are delivered whole, and a frame that cannot be read is a gap of its stream", async () => {
    const venue = new VirtualVenue();
    const { market, told } = open(venue);
    const trades = market.subscribe("btcusdt@trade");
    const bests = market.subscribe("btcusdt@bestBidAsk");
    await venue.world.run(1_000);
    venue.leaf.current?.binary(bytesOf("trade"));
    venue.leaf.current?.binary(bytesOf("bestBidAsk"));
    await venue.world.run(10);
    expect([trades.take()?.data, trades.take()?.data]).toEqual(SBE_FRAMES.trade.payloads);
    expect(bests.take()?.data).toEqual(SBE_FRAMES.bestBidAsk.payloads[0]);
    told.length = 0;
    const [best, trade] = [bytesOf("bestBidAsk"), bytesOf("trade")];
    venue.leaf.current?.binary(best.subarray(0, 40));
    best.writeBigInt64LE(778n, 16);
    trade.writeBigInt64LE(5_000_000_003n, 32);
    trade.writeBigInt64LE(5_000_000_004n, 57);
    venue.leaf.current?.binary(best);
    venue.leaf.current?.binary(trade);
    await venue.world.run(10);
    expect(told).toContainEqual(expect.objectContaining({ code: "FRAME_UNKNOWN" }));
    expect(bests.gaps).toMatchObject([{ reason: "malformed" }]);
    expect(trades.gapCount).toBe(0);
  });

  it("are noticed when they are mute, by the same defaults as in JSON", async () => {
    const venue = new VirtualVenue();
    const { market } = open(venue);
    const held = ["btcusdt@bestBidAsk", "btcusdt@depth"].map((name) => market.subscribe(name));
    const ping = (): void => {
      for (const peer of venue.leaf.peers) if (peer.isOpen) peer.ping("p");
      venue.world.timer.schedule(20_000, ping);
    };
    ping();
    await venue.world.run(55_000);
    expect(held.map(({ state }) => state.snapshot.phase)).toEqual(["stale", "stale"]);
    expect(venue.leaf.dials).toHaveLength(1);
    await venue.world.run(10_000);
    expect(venue.leaf.dials).toHaveLength(2);
  });

  it("that do not exist there are refused by name, and so is a speed of books", () => {
    const { market } = open(new VirtualVenue());
    expect(() => market.subscribe("btcusdt@kline_1m")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(() => market.subscribeScaled("btcusdt@aggTrade")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    const json = new BinanceMarket({ runtime: new VirtualVenue().runtime });
    expect(() => json.subscribeScaled("btcusdt@kline_1m")).toThrowError(
      /has no form with mantissas/,
    );
    expect(() => market.book("BTCUSDT", { speed: "100ms" })).toThrowError(
      /speed: cannot be chosen/,
    );
  });
});
