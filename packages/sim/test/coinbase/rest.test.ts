import { describe, expect, test } from "vitest";
import { ask, client, frames, sim } from "./with-sim.js";

interface Row {
  readonly trade_id: string;
  readonly time: string;
  readonly side: string;
}

interface Answer {
  readonly status: number;
  readonly trades: readonly Row[];
  readonly retryAfter: string | null;
}

const PATH = "/api/v3/brokerage/market/products";
/** When the simulated market begins, in seconds. */
const START = 1_700_000_000;

async function get(restUrl: string, path: string): Promise<Answer> {
  const answer = await fetch(`${restUrl}${path}`);
  const { trades = [] } = (await answer.json()) as { readonly trades?: readonly Row[] };
  return { status: answer.status, trades, retryAfter: answer.headers.get("retry-after") };
}

describe("public trades by REST", () => {
  test("newest first, bounded, of a time range, with the taker's side", async () => {
    const venue = await sim({ limits: { restRequests: 100, restTrades: 50 } });
    const watcher = await client(venue.url);
    const topic = { channel: "market_trades", product_ids: ["BTC-USD"] };
    await ask(watcher, { type: "subscribe", ...topic });
    venue.market.step(60);
    const last = venue.market.lastTradeId("BTC-USD");
    const all = await get(venue.restUrl, `${PATH}/BTC-USDC/ticker?limit=1000`);
    const ids = all.trades.map(({ trade_id }) => Number(trade_id));
    expect([all.status, ids]).toEqual([200, Array.from({ length: 50 }, (_, at) => last - at)]);
    const range = `&start=${START + 2}&end=${START + 3}`;
    const some = await get(venue.restUrl, `${PATH}/BTC-USD/ticker?limit=1000${range}`);
    const times = some.trades.map(({ time }) => Date.parse(time));
    expect(some.trades.length).toBeGreaterThan(5);
    expect(Math.min(...times)).toBeGreaterThanOrEqual((START + 2) * 1_000);
    expect(Math.max(...times)).toBeLessThan((START + 3) * 1_000);
    await watcher.until(() => frames(watcher).some(({ channel }) => channel === "market_trades"));
    const sides = new Map(all.trades.map(({ trade_id, side }) => [trade_id, side]));
    const live = frames(watcher)
      .flatMap(({ events }) => events.flatMap(({ trades = [] }) => trades as readonly Row[]))
      .filter(({ trade_id }) => sides.has(trade_id));
    expect(live.length).toBeGreaterThan(0);
    expect(live.every(({ trade_id, side }) => sides.get(trade_id) !== side)).toBe(true);
  });

  test("refuses what it does not have, and too many requests", async () => {
    const venue = await sim({ limits: { restRequests: 6 } });
    const status = async (path: string): Promise<number> => (await get(venue.restUrl, path)).status;
    expect(await status("/api/v3/brokerage/products")).toBe(404);
    expect(await status(`${PATH}/NO-USD/ticker?limit=1`)).toBe(404);
    expect(await status(`${PATH}/%E0%A4%A/ticker?limit=1`)).toBe(404);
    expect(await status(`${PATH}/BTC-USD/ticker`)).toBe(400);
    expect(await status(`${PATH}/BTC-USD/ticker?limit=1&end=now`)).toBe(400);
    venue.market.step(5);
    venue.faults.oldTrades({ answer: "refuse", forMs: 2_000 });
    const refused = await get(venue.restUrl, `${PATH}/BTC-USD/ticker?limit=1`);
    expect([refused.status, refused.retryAfter]).toEqual([429, "2"]);
    expect(await status(`${PATH}/BTC-USD/ticker?limit=1`)).toBe(200);
    expect(await status(`${PATH}/BTC-USD/ticker?limit=1`)).toBe(429);
  });

  test("answers partly, or late", async () => {
    const venue = await sim();
    venue.market.step(30);
    const path = `${PATH}/BTC-USD/ticker?limit=20`;
    venue.faults.oldTrades({ answer: "partial" });
    const part = await get(venue.restUrl, path);
    expect(part.trades).toHaveLength(10);
    expect(part.trades).toEqual((await get(venue.restUrl, path)).trades.slice(10));
    venue.faults.oldTrades({ answer: "slow", forMs: 3_600_000 });
    const signal = AbortSignal.timeout(100);
    await expect(fetch(`${venue.restUrl}${path}`, { signal })).rejects.toThrow(/aborted/);
  });
});
