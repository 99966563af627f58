import type { BinanceMarket, MarketPayload } from "@oath-ws/venue-binance";
import type { Subscription } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue } from "../support/venue.js";

/** Every kind of stream, and fields that its payload must have. */
const STREAMS: readonly (readonly [name: string, fields: readonly string[]])[] = [
  ["btcusdt@trade", ["e", "E", "s", "t", "p", "q", "T", "m", "M"]],
  ["btcusdt@aggTrade", ["e", "E", "s", "a", "p", "q", "f", "l", "T", "m", "M"]],
  ["btcusdt@blockTrade", ["e", "E", "s", "t", "p", "q", "T", "m"]],
  ["btcusdt@kline_1s", ["e", "E", "s", "k"]],
  ["btcusdt@bookTicker", ["u", "s", "b", "B", "a", "A"]],
  ["btcusdt@depth@100ms", ["e", "E", "s", "U", "u", "b", "a"]],
  ["btcusdt@depth5@100ms", ["lastUpdateId", "bids", "asks"]],
  ["btcusdt@miniTicker", ["e", "E", "s", "c", "o", "h", "l", "v", "q"]],
  [
    "btcusdt@ticker",
    ["e", "E", "s", "p", "P", "w", "x", "c", "Q", "b", "B", "a", "A", "O", "C", "F", "L", "n"],
  ],
  ["btcusdt@ticker_1h", ["e", "E", "s", "o", "c", "O", "C", "F", "L", "n"]],
  ["btcusdt@avgPrice", ["e", "E", "s", "i", "w", "T"]],
  ["btcusdt@referencePrice", ["e", "s", "r", "t"]],
  ["!miniTicker@arr", ["e", "E", "s", "c"]],
  ["!ticker_1h@arr", ["e", "E", "s", "o"]],
];

async function first(subscription: Subscription<MarketPayload>): Promise<object> {
  const [event] = await readUntil(subscription, () => true);
  const data: unknown = event!.data;
  return (Array.isArray(data) ? data[0] : data) as object;
}

async function expectFields(market: BinanceMarket, streams: typeof STREAMS): Promise<void> {
  const payloads = await Promise.all(streams.map(([name]) => first(market.subscribe(name))));
  for (const [index, [name, fields]] of streams.entries()) {
    expect(Object.keys(payloads[index]!), name).toEqual(expect.arrayContaining([...fields]));
  }
}

describe("every kind of stream", () => {
  it("comes over in combined mode", async () => {
    await expectFields(openMarket(await startVenue()), STREAMS);
  });

  it("comes over in raw mode, but for partial books", async () => {
    const market = openMarket(await startVenue(), { mode: "raw" });
    await expectFields(
      market,
      STREAMS.filter(([name]) => !name.includes("depth5")),
    );
    expect(() => market.subscribe("btcusdt@depth5")).toThrowError(/use combined mode/);
    expect(() => market.subscribe("btcusdt@depth")).toThrowError(
      /cannot be told from btcusdt@depth@100ms/,
    );
  });

  it("survives a break in raw mode", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim, { mode: "raw" }).subscribe("btcusdt@trade");
    await readUntil(trades, () => true);
    sim.faults.dropConnections();
    await readUntil(trades, ({ epoch }) => epoch === 2);
    sim.faults.serverShutdown(10_000);
    await readUntil(trades, ({ epoch }) => epoch === 3);
    expect(trades.gaps.every(({ reason }) => reason === "reconnect")).toBe(true);
  });

  it("has times in microseconds when asked to", async () => {
    const sim = await startVenue();
    const [event] = await readUntil(
      openMarket(sim, { timeUnit: "us" }).subscribe("btcusdt@trade"),
      () => true,
    );
    expect(event!.data.T).toBeGreaterThan(Date.now() * 100);
  });
});
