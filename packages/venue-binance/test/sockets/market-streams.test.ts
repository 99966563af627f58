import { describe, expect, it } from "vitest";
import type { BinanceSim } from "@oath-ws/sim";
import { parseDecimal } from "@oath-ws/venue-kit";
import type { Subscription, TopicEvent } from "@oath-ws/venue-kit";
import type { Trade } from "@oath-ws/venue-binance";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

/**
 * Ids that were delivered or announced as missing, from the first one on; throws when any is
 * doubled.
 */
function accounted(
  events: readonly TopicEvent<Trade>[],
  subscription: Subscription<Trade>,
): number {
  const ids = new Set(events.map(({ data }) => data.t));
  expect(ids.size).toBe(events.length);
  let missing = 0;
  for (const { fromSeq, toSeq } of subscription.gaps) {
    if (fromSeq === undefined || toSeq === undefined)
      throw new Error("a gap of trades without ids");
    for (let id = fromSeq; id <= toSeq; id++) expect(ids.has(id)).toBe(false);
    missing += toSeq - fromSeq + 1;
  }
  return ids.size + missing;
}

function span(events: readonly TopicEvent<Trade>[]): number {
  const first = events[0]!.data.t;
  return events.at(-1)!.data.t - first + 1;
}

async function traded(
  subscription: Subscription<Trade>,
  count: number,
): Promise<TopicEvent<Trade>[]> {
  return [...(await readUntil(subscription, (_, events) => events.length === count))];
}

function openStreams(sim: BinanceSim): readonly string[] {
  return sim.stats().subscriptions.flatMap(({ streams }) => streams);
}

describe("market streams over real sockets", () => {
  it("delivers the venue's events, each once, in order", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim).subscribe("BTCUSDT@trade");
    const events = await traded(trades, 50);
    const [sent] = sim.record.published("btcusdt@trade");
    expect(events[0]!.data.t).toBeGreaterThanOrEqual(sent!.first);
    expect(span(events)).toBe(50);
    expect(trades.gaps).toEqual([]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  });

  it("delivers the same trades with mantissas, over a break too", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const trades = market.subscribe("btcusdt@trade");
    const scaled = market.subscribeScaled("btcusdt@trade");
    await Promise.all([readUntil(trades, () => true), readUntil(scaled, () => true)]);
    sim.faults.dropConnections();
    const texts = await readUntil(trades, ({ epoch }, all) => epoch === 2 && all.length > 20);
    const numbers = await readUntil(scaled, ({ epoch }, all) => epoch === 2 && all.length > 20);
    const byId = new Map(texts.map(({ data }) => [data.t, data]));
    const both = numbers.filter(({ data }) => byId.has(data.t));
    expect(both.length).toBeGreaterThan(5);
    for (const { data } of both) {
      const { p, q, priceExponent, quantityExponent, ...rest } = data;
      const twin = byId.get(data.t);
      expect({ mantissa: p, scale: -priceExponent }).toEqual(parseDecimal(twin?.p ?? ""));
      expect({ mantissa: q, scale: -quantityExponent }).toEqual(parseDecimal(twin?.q ?? ""));
      expect(twin).toMatchObject(rest);
    }
    expect(market.streams).toEqual(["btcusdt@trade"]);
  });

  it("restores what is wanted after a break, and nothing that was cancelled", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const trades = market.subscribe("btcusdt@trade");
    const cancelled = market.subscribe("ethusdt@trade");
    await traded(trades, 5);
    await traded(cancelled, 1);
    cancelled.close();
    await sim.waitFor(() => !openStreams(sim).includes("ethusdt@trade"));
    sim.faults.dropConnections();
    await until(trades.state, ({ phase, recoveries }) => phase === "live" && recoveries === 1);
    expect(openStreams(sim)).toEqual(["btcusdt@trade"]);
  });

  it.each(["reset", "half-open", "close"] as const)(
    "announces by id what a break cost: %s",
    async (kind) => {
      const sim = await startVenue();
      const trades = openMarket(sim).subscribe("btcusdt@trade");
      const events = await traded(trades, 10);
      if (kind === "close") sim.faults.apply({ kind, code: 1001, reason: "" });
      else sim.faults.apply({ kind });
      events.push(...(await readUntil(trades, ({ epoch }) => epoch === 2)));
      events.push(...(await traded(trades, 5)));
      expect(accounted(events, trades)).toBe(span(events));
      for (const { reason } of trades.gaps) expect(reason).toBe("reconnect");
    },
  );

  it("tells a hole that the venue made from one of its own making", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim).subscribe("btcusdt@trade");
    await traded(trades, 3);
    sim.faults.gap({ symbol: "BTCUSDT", events: 2 });
    await readUntil(trades, ({ gaps }) => gaps === 1);
    expect(trades.gaps).toMatchObject([{ reason: "venue", epoch: 1 }]);
  });

  it("delivers doubled frames once", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim).subscribe("btcusdt@trade");
    const events = await traded(trades, 3);
    sim.faults.duplicate(10);
    events.push(...(await traded(trades, 40)));
    expect(span(events)).toBe(43);
    expect(trades.gaps).toEqual([]);
  });

  it("survives frames that cannot be read, and says so", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    const market = openMarket(sim, { onFault: (error) => faults.push(error) });
    const ticks = market.subscribe("btcusdt@bookTicker");
    await readUntil(ticks, () => true);
    sim.faults.badUtf8();
    // A text frame that is no UTF-8 ends the connection (RFC 6455 section 8.1).
    await until(ticks.state, ({ phase, recoveries }) => phase === "live" && recoveries === 1);
    await readUntil(ticks, ({ gaps }) => gaps === 1);
    expect(ticks.gaps).toMatchObject([{ reason: "reconnect", fromSeq: undefined }]);
    expect(faults).toEqual([]);
  });

  it("keeps 1 000 streams within the venue's limit of frames", async () => {
    const symbols = Array.from({ length: 250 }, (_, index) => `S${index}USDT`);
    const sim = await startVenue({ symbols, market: { auto: false } });
    // Probes count too, and this market is silent: with the quick ones of the other tests nothing
    // else would get through.
    const market = openMarket(sim, { config: {} });
    const kinds = ["trade", "aggTrade", "bookTicker", "depth@100ms"];
    const held = symbols.flatMap((symbol) =>
      kinds.map((kind) => market.subscribe(`${symbol.toLowerCase()}@${kind}`)),
    );
    await Promise.all(held.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    expect(new Set(await market.list()).size).toBe(1_000);
    const { rateViolations, badRequests, bans } = sim.stats();
    expect({ rateViolations, badRequests, bans }).toEqual({
      rateViolations: 0,
      badRequests: 0,
      bans: 0,
    });
    expect(market.connections).toHaveLength(1);
  });

  it("spreads streams over connections, and closes those that are not needed", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { maxStreamsPerConnection: 2 });
    const held = [
      "btcusdt@trade",
      "ethusdt@trade",
      "bnbusdt@trade",
      "btcusdt@depth",
      "ethusdt@depth",
    ].map((name) => market.subscribe(name));
    await Promise.all(held.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    expect(market.connections.map(({ topics }) => topics)).toEqual([2, 2, 1]);
    held.at(-1)?.close();
    await sim.waitFor(({ open }) => open === 2);
    expect(market.connections).toHaveLength(2);
    expect((await market.list()).toSorted()).toEqual([
      "bnbusdt@trade",
      "btcusdt@depth",
      "btcusdt@trade",
      "ethusdt@trade",
    ]);
  });

  it("publishes a stream that fell silent as stale, and makes a new connection only when told to", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const patient = market.subscribe("btcusdt@trade", { staleAfterMs: 150 });
    await traded(patient, 1);
    sim.faults.mute();
    await until(patient.state, ({ phase }) => phase === "stale");
    expect(sim.stats().accepted).toBe(1);
    sim.faults.unmute();
    await until(patient.state, ({ phase }) => phase === "live");
    expect(sim.stats().accepted).toBe(1);
    const strict = market.subscribe("btcusdt@trade", { staleAfterMs: 150, reconnectAfterMs: 300 });
    sim.faults.mute();
    await until(strict.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    expect(sim.stats().accepted).toBe(2);
  });

  it("fails a name that the venue refuses, and spares the others", async () => {
    const sim = await startVenue({ limits: { maxStreams: 3 } });
    const market = openMarket(sim);
    const held = ["btcusdt@trade", "ethusdt@trade", "bnbusdt@trade"].map((name) =>
      market.subscribe(name),
    );
    await Promise.all(held.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    const tooMany = market.subscribe("btcusdt@depth");
    await expect(tooMany.readable()).rejects.toMatchObject({ code: "SUBSCRIPTION_REFUSED" });
    expect(tooMany.state.snapshot.phase).toBe("failed");
    expect(held.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live", "live"]);
  });

  it("refuses names and options that cannot work before anything is dialled", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    expect(() => market.subscribe("btcusdt@nothing")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(() => market.subscribe("btcusdt@trade", { staleAfterMs: Number.NaN })).toThrowError(
      /staleAfterMs/,
    );
    expect(() => openMarket(sim, { url: "http://x", maxStreamsPerConnection: 5_000 })).toThrowError(
      /url.*maxStreams|maxStreams.*url/s,
    );
    expect(() => openMarket(sim, { renewal: { afterMS: 1 } as object })).toThrowError(
      /renewal\.afterMS: is not an option/,
    );
    await market.shutdown();
    expect(() => market.subscribe("btcusdt@trade")).toThrowError(
      expect.objectContaining({ code: "SHUT_DOWN" }),
    );
    expect(sim.stats().accepted).toBe(0);
  });

  it("ends every stream cleanly on shutdown", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const trades = market.subscribe("btcusdt@trade");
    await traded(trades, 1);
    await market.shutdown();
    while (await trades.readable()) trades.take();
    expect(trades.state.snapshot.phase).toBe("closed");
    await sim.waitFor(({ open }) => open === 0);
  });
});
