import type { TimeFilledSubscription, TopicEvent } from "@oath-ws/venue-kit";
import type { Trade, TradesEvent } from "@oath-ws/venue-coinbase";
import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

type Reader = TimeFilledSubscription<TradesEvent>;

const TOPIC = "market_trades:BTC-USD";

async function read(reader: Reader, count: number): Promise<TopicEvent<TradesEvent>[]> {
  return [...(await readUntil(reader, (_, events) => events.length === count))];
}

/** Reads until a backfilled event and some live ones after it were there. */
async function readPast(reader: Reader): Promise<TopicEvent<TradesEvent>[]> {
  const events = await readUntil(reader, ({ backfilled }) => backfilled === true);
  return [...events, ...(await read(reader, 3))];
}

function tradesOf(events: readonly TopicEvent<TradesEvent>[]): readonly Trade[] {
  return events.flatMap(({ data }) => data.trades.toReversed());
}

function idsOf(events: readonly TopicEvent<TradesEvent>[]): number[] {
  return tradesOf(events).map(({ trade_id }) => Number(trade_id));
}

/** As many ids, without a hole, from the first one. */
function run(ids: readonly number[]): number[] {
  return ids.map((_, index) => (ids[0] ?? 0) + index);
}

describe("trades with a backfill, over real sockets", () => {
  it("come once and in order over a reset, and as they came live elsewhere", async () => {
    // The snapshot of the next connection does not reach back over the gap: it has 20 orders.
    const sim = await startVenue({ market: { ordersPerStep: 4 } });
    const witness = openMarket(sim).subscribe(TOPIC);
    await until(witness.state, ({ phase }) => phase === "live");
    const [kept] = sim.stats().subscriptions;
    const backfill = { fillWithinMs: 20_000 };
    const trades = openMarket(sim).subscribe("market_trades:btc-usdc", { backfill });
    const events = await read(trades, 4);
    for (const { connection } of sim.stats().subscriptions)
      if (connection !== kept?.connection) sim.faults.dropConnections({ connection });
    sim.faults.refuse({ status: 503, count: 20 });
    events.push(...(await readPast(trades)));
    const ids = idsOf(events);
    expect(ids).toEqual(run(ids));
    const brought = events.filter(({ backfilled }) => backfilled === true);
    expect(brought.map(({ data, isCurrent }) => [data.sequence_num, isCurrent])).toEqual([
      [-1, false],
    ]);
    expect(trades.gaps).toMatchObject([{ backfilled: idsOf(brought).length }]);
    const last = ids.at(-1) ?? 0;
    const seen = await readUntil(witness, ({ data }) => Number(data.trades[0]?.trade_id) >= last);
    const first = ids[0] ?? 0;
    const wanted = new Map(tradesOf(seen).map((trade) => [Number(trade.trade_id), trade]));
    // REST tells the taker's side here, the channel the maker's.
    const both = tradesOf(events).filter(({ trade_id }) => wanted.has(Number(trade_id)));
    expect(both.length).toBeGreaterThan(idsOf(brought).length);
    for (const trade of both) expect(trade).toEqual(wanted.get(Number(trade.trade_id)));
    expect(first).toBeGreaterThan(0);
  });

  it("fill a hole in the sequence, also when REST is refused or behind at first", async () => {
    const sim = await startVenue();
    const backfill = { fillWithinMs: 20_000 };
    const trades = openMarket(sim).subscribe(TOPIC, { backfill });
    const events = await read(trades, 4);
    sim.faults.oldTrades({ answer: "refuse" });
    sim.faults.oldTrades({ answer: "partial" });
    sim.faults.gap({ events: 40 });
    events.push(...(await readUntil(trades, ({ gaps }) => gaps > 0)), ...(await read(trades, 3)));
    const ids = idsOf(events);
    expect(ids).toEqual(run(ids));
    expect(trades.gapCount).toBe(1);
  });

  it("refuse other channels and unknown options, and hold nothing then", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    expect(() => market.subscribe("ticker:BTC-USD", { backfill: true })).toThrow(/has no events/);
    const typo = { fillWithin: 1 } as object;
    expect(() => market.subscribe(TOPIC, { backfill: typo })).toThrow(/is not an option/);
    const none = { backfill: { maxTrades: 0 } };
    expect(() => market.subscribe(TOPIC, none)).toThrow(/maxTrades/);
    expect(market.topics).toEqual([]);
  });
});
