import { redundant } from "@oath-ws/venue-kit";
import type { JoinedSubscription, TopicEvent } from "@oath-ws/venue-kit";
import type { AggTrade, Trade } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

type Events<T> = readonly TopicEvent<T>[];

async function read<T>(reader: JoinedSubscription<T>, count: number): Promise<TopicEvent<T>[]> {
  return [...(await readUntil(reader, (_, events) => events.length === count))];
}

/** Reads until a backfilled event and some live ones after it were there. */
async function readPast<T>(reader: JoinedSubscription<T>): Promise<TopicEvent<T>[]> {
  const events = await readUntil(reader, ({ backfilled }) => backfilled === true);
  const rest = await readUntil(reader, ({ backfilled }) => backfilled === false);
  return [...events, ...rest, ...(await read(reader, 5))];
}

const idsOf = (events: Events<Trade>): number[] => events.map(({ data }) => data.t);

/** As many ids, without a hole, from the first one. */
function run(ids: readonly number[]): number[] {
  return ids.map((_, index) => (ids[0] ?? 0) + index);
}

describe("a trade stream with a backfill, over real sockets", () => {
  it("misses nothing when its connection is reset, and says what came by REST", async () => {
    const sim = await startVenue();
    const witness = openMarket(sim).subscribe("btcusdt@trade");
    await until(witness.state, ({ phase }) => phase === "live");
    const [kept] = sim.stats().subscriptions;
    const trades = openMarket(sim).subscribe("BTCUSDT@trade", { backfill: true });
    const events = await read(trades, 10);
    for (const { connection } of sim.stats().subscriptions)
      if (connection !== kept?.connection) sim.faults.dropConnections({ connection });
    // Long enough that trades are missed, however fast this process dials.
    sim.faults.refuse({ status: 503, count: 25 });
    events.push(...(await readPast(trades)));
    const ids = idsOf(events);
    expect(ids).toEqual(run(ids));
    expect(trades.gaps).toEqual([]);
    const seen = await readUntil(witness, ({ data }) => data.t >= (ids.at(-1) ?? 0));
    const first = ids[0] ?? 0;
    const last = ids.at(-1) ?? 0;
    const wanted = seen.map(({ data }) => data).filter(({ t }) => t >= first && t <= last);
    // REST has the same payloads, but for the time at which an event was sent, which is not known.
    expect(events.map(({ data }) => data)).toEqual(wanted);
    expect(trades.position).toBe(last);
  });

  it("fills aggregates in microseconds too", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { timeUnit: "us" });
    const trades = market.subscribe("btcusdt@aggTrade", { backfill: { fillWithinMs: 5_000 } });
    const events: TopicEvent<AggTrade>[] = await read(trades, 5);
    sim.faults.gap({ events: 4 });
    events.push(...(await readPast(trades)));
    const ids = events.map(({ data }) => data.a);
    expect(ids).toEqual(run(ids));
    expect(events.every(({ data }) => data.T > 1e15)).toBe(true);
    expect(events.filter(({ backfilled }) => backfilled).length).toBe(4);
  });

  it("leaves exactly what REST refuses or does not have", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const backfill = { fillWithinMs: 100, tries: 1 };
    const trades = market.subscribe("btcusdt@trade", { backfill });
    const events = await read(trades, 5);
    sim.faults.oldTrades({ answer: "refuse" });
    sim.faults.gap({ events: 3 });
    await until(trades.state, ({ gaps }) => gaps === 1);
    // Three pages: of four rows two, of two one, of one none.
    sim.faults.oldTrades({ answer: "partial", count: 3 });
    sim.faults.gap({ events: 4 });
    await until(trades.state, ({ gaps }) => gaps === 2);
    // What came for the holes was delivered before they were told.
    for (let event = trades.take(); event !== undefined; event = trades.take()) events.push(event);
    const missing = trades.gaps.map(({ fromSeq = 0, toSeq: to = 0 }) => to - fromSeq + 1);
    expect(missing).toEqual([3, 1]);
    const all = idsOf(events);
    for (const { fromSeq = 1, toSeq: to = 0 } of trades.gaps)
      for (let t = fromSeq; t <= to; t++) all.push(t);
    all.sort((one, other) => one - other);
    expect(all).toEqual(run(all));
  });

  it("goes on where a process before it stopped", async () => {
    const sim = await startVenue();
    const before = openMarket(sim).subscribe("btcusdt@trade", { backfill: true });
    const events = await read(before, 5);
    const { position = 0 } = before;
    before.close();
    await sim.waitFor(() => sim.market.lastIds("BTCUSDT").tradeId > position + 20);
    const next = openMarket(sim).subscribe("btcusdt@trade", { after: position, backfill: true });
    events.push(...(await readPast(next)));
    expect(idsOf(events)).toEqual(run(idsOf(events)));
    expect(next.gaps).toEqual([]);
    const told = openMarket(sim).subscribe("btcusdt@trade", { after: position });
    const [event] = await read(told, 1);
    expect(told.gaps).toMatchObject([
      { fromSeq: position + 1, toSeq: (event?.data.t ?? 0) - 1, reason: "restart" },
    ]);
  });

  it("refuses what REST does not have, and holds nothing then", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    expect(() => market.subscribe("btcusdt@depth", { backfill: true })).toThrow(/has no events/);
    expect(() => market.subscribe("btcusdt@kline_1m", { after: 1 })).toThrow(/no consecutive ids/);
    const typo = { fillWithin: 1 } as object;
    expect(() => market.subscribe("btcusdt@trade", { backfill: typo })).toThrow(/is not an option/);
    expect(market.streams).toEqual([]);
  });
});

describe("two lines, over real sockets", () => {
  it("miss nothing and ask nothing when one of them is reset", async () => {
    const sim = await startVenue();
    const one = openMarket(sim).subscribe("btcusdt@trade");
    const other = openMarket(sim).subscribe("btcusdt@trade");
    const { timer } = nodeRuntime;
    const trades = redundant([one, other], { timer });
    const events = await read(trades, 10);
    await until(other.state, ({ phase }) => phase === "live");
    await until(one.state, ({ phase }) => phase === "live");
    const [first] = sim.stats().subscriptions;
    sim.faults.dropConnections(first === undefined ? {} : { connection: first.connection });
    events.push(...(await read(trades, 30)));
    expect(idsOf(events)).toEqual(run(idsOf(events)));
    expect(events.every(({ backfilled }) => backfilled === false)).toBe(true);
    expect([trades.gapCount, trades.state.snapshot.recoveries]).toEqual([0, 0]);
    const both = trades.lines.map(({ first, later }) => first + later);
    expect(both.every((count) => count > 0)).toBe(true);
  });
});
