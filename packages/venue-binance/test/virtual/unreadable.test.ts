import { BinanceMarket } from "@oath-ws/venue-binance";
import { expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const trade = (s: string, t: number): object => ({ e: "trade", E: t, s, t, p: "1", q: "1" });
const best = (u: number): object => ({ u, s: "BTCUSDT", b: "1", B: "1", a: "2", A: "1" });

/** Market data that flows, with a stream of consecutive ids and one without. */
async function open() {
  const venue = new VirtualVenue();
  const faults: unknown[] = [];
  const market = new BinanceMarket({
    runtime: venue.runtime,
    onFault: (error) => faults.push(error),
  });
  const trades = market.subscribe("btcusdt@trade");
  const quotes = market.subscribe("btcusdt@bookTicker");
  await venue.world.run(1_000);
  venue.publish("btcusdt@trade", trade("BTCUSDT", 1));
  venue.publish("btcusdt@bookTicker", best(1));
  await venue.world.run(1_000);
  return { venue, faults, trades, quotes };
}

it.each([
  ["no payload", { stream: "btcusdt@trade", data: null }],
  ["a payload without an id", { stream: "btcusdt@trade", data: { e: "trade", s: "BTCUSDT" } }],
  ["an id that is no number", { stream: "btcusdt@trade", data: trade("BTCUSDT", Number.NaN) }],
])("%s costs the stream what it carried, and no other", async (_, frame) => {
  const { venue, faults, trades, quotes } = await open();
  venue.leaf.current?.text(JSON.stringify(frame));
  await venue.world.run(1_000);
  expect(faults).toMatchObject([{ code: "FRAME_UNKNOWN" }]);
  expect(quotes.state.snapshot).toMatchObject({ phase: "live", breaks: 0, gaps: 0 });
  expect(trades.state.snapshot).toMatchObject({ phase: "live", breaks: 1 });
  // The next id tells exactly what was in it, and every later hole is seen.
  venue.publish("btcusdt@trade", trade("BTCUSDT", 3));
  venue.publish("btcusdt@trade", trade("BTCUSDT", 6));
  await venue.world.run(1_000);
  expect(trades.gaps).toMatchObject([
    { fromSeq: 2, toSeq: 2, reason: "malformed" },
    { fromSeq: 4, toSeq: 5, reason: "venue" },
  ]);
  expect(venue.leaf.dials).toHaveLength(1);
});

it.each([
  ["an announcement of an unknown type", { e: "maintenancePlanned", E: 1 }, 1],
  ["an event of a stream that is not held", { stream: "btcusdt@news", data: { e: "news" } }, 0],
])("%s concerns no stream", async (_, frame, told) => {
  const { venue, faults, trades, quotes } = await open();
  venue.leaf.current?.text(JSON.stringify(frame));
  await venue.world.run(1_000);
  expect(faults).toHaveLength(told);
  for (const { state } of [trades, quotes])
    expect(state.snapshot).toMatchObject({ phase: "live", breaks: 0, gaps: 0 });
});

it("what names no stream may have been of any, which each is told", async () => {
  const { venue, trades, quotes } = await open();
  venue.leaf.current?.text("{");
  await venue.world.run(1_000);
  expect([trades.state.snapshot.breaks, quotes.state.snapshot.breaks]).toEqual([1, 1]);
});
