import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue } from "../support/venue.js";

describe("every channel of the market over real sockets", () => {
  it("heartbeats", async () => {
    const sim = await startVenue();
    const beats = await readUntil(
      openMarket(sim).subscribe("heartbeats"),
      (_, all) => all.length === 3,
    );
    const counters = beats.map(({ data }) => data.heartbeat_counter);
    expect(counters).toEqual([counters[0], counters[0]! + 1, counters[0]! + 2]);
    expect(beats[0]!.data.current_time).toMatch(/UTC m=\+/);
  });

  it("heartbeats that count in text", async () => {
    const sim = await startVenue({ wire: { counterAsText: true, clientId: true } });
    const [beat] = await readUntil(openMarket(sim).subscribe("heartbeats"), () => true);
    expect(beat!.data.heartbeat_counter).toBeGreaterThan(21_000);
  });

  it("ticker", async () => {
    const sim = await startVenue();
    const ticker = openMarket(sim).subscribe("ticker:btc-usd");
    const events = await readUntil(ticker, (_, all) => all.length === 5);
    expect(events.map(({ data }) => data.type)).toEqual([
      "snapshot",
      "update",
      "update",
      "update",
      "update",
    ]);
    const { ticker: last } = events.at(-1)!.data;
    expect(last.product_id).toBe("BTC-USD");
    expect(Number(last.best_bid)).toBeLessThan(Number(last.best_ask));
    expect(ticker.gaps).toEqual([]);
  });

  it("ticker_batch", async () => {
    const sim = await startVenue();
    const events = await readUntil(
      openMarket(sim).subscribe("ticker_batch:ETH-USD"),
      ({ data }) => data.type === "update",
    );
    expect(events.map(({ data }) => data.ticker.product_id)).toEqual(["ETH-USD", "ETH-USD"]);
    expect(events[0]!.data.ticker).not.toHaveProperty("best_bid");
  });

  it("candles", async () => {
    const sim = await startVenue();
    const events = await readUntil(
      openMarket(sim).subscribe("candles:SOL-USD"),
      (_, all) => all.length === 3,
    );
    for (const { data } of events) {
      const [candle] = data.candles;
      expect(Number(candle!.low)).toBeLessThanOrEqual(Number(candle!.high));
      expect(Number(candle!.start) % 300).toBe(0);
    }
  });

  it("market_trades: each once, in order, what the venue published", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim).subscribe("market_trades:BTC-USD");
    const events = await readUntil(trades, (_, all) => all.length === 20);
    const updates = events.filter(({ data }) => data.type === "update");
    const ids = updates.flatMap(({ data }) =>
      data.trades.toReversed().map(({ trade_id }) => Number(trade_id)),
    );
    const [published] = sim.record.published("market_trades:BTC-USD");
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => published!.first + index));
    expect(trades.gaps).toEqual([]);
  });

  it("status", async () => {
    const sim = await startVenue();
    const [event] = await readUntil(openMarket(sim).subscribe("status:BTC-USD"), () => true);
    expect(event!.data).toMatchObject({
      type: "snapshot",
      products: [{ id: "BTC-USD", status: "online" }],
    });
  });

  it("level2: a snapshot, then changes", async () => {
    const sim = await startVenue();
    const events = await readUntil(
      openMarket(sim).subscribe("level2:ETH-USD"),
      (_, all) => all.length === 4,
    );
    expect(events.map(({ data }) => data.type)).toEqual(["snapshot", "update", "update", "update"]);
    expect(events[0]!.data.updates).toHaveLength(100);
    expect(events.map(({ gaps }) => gaps)).toEqual([0, 0, 0, 0]);
  });

  it("all channels of several products on one connection, numbered without a hole", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    const market = openMarket(sim, { onFault: (error) => faults.push(error) });
    const names = [
      "ticker",
      "ticker_batch",
      "candles",
      "market_trades",
      "status",
      "level2",
    ].flatMap((channel) =>
      ["BTC-USD", "ETH-USD", "SOL-USD"].map((product) => `${channel}:${product}`),
    );
    const held = names.map((name) => market.subscribe(name));
    await Promise.all(
      held
        .filter(({ topic }) => !topic.startsWith("market_trades"))
        .map((each) => readUntil(each, () => true)),
    );
    expect(market.connections).toHaveLength(1);
    expect(market.topics.toSorted()).toEqual(names.toSorted());
    expect(sim.stats().subscriptions[0]!.topics.toSorted()).toEqual(
      ["heartbeats", ...names].toSorted(),
    );
    // One message a channel.
    expect(sim.stats().requests.map(({ channel }) => channel)).toEqual([
      "heartbeats",
      ...["ticker", "ticker_batch", "candles", "market_trades", "status", "level2"],
    ]);
    expect(faults).toEqual([]);
  });
});
