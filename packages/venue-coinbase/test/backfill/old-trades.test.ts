import type { CancelSignal } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { createWorld } from "@oath-ws/testing";
import type { FetchAnswer } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { fetchOldTrades } from "../../src/backfill/old-trades.js";
import { TRADE_RECORDS } from "../../src/backfill/trade-records.js";
import type { Trade } from "../../src/market/payloads.js";
import { RestClient } from "../../src/rest/rest-client.js";

const SIGNAL: CancelSignal = cancelController().signal;
const URL = "https://rest.example";
/** In Unix seconds. */
const BASE = 1_700_000_000;

function trade(id: number, seconds: number, side: "BUY" | "SELL" = "BUY"): Trade {
  const time = new Date(seconds * 1_000).toISOString();
  return { product_id: "BTC-USD", trade_id: String(id), price: "1", size: "2", time, side };
}

/** A venue with these trades, of which an answer has so many at most. */
function rig(trades: readonly Trade[], most = 1_000) {
  const world = createWorld();
  const asked: string[] = [];
  const times: number[] = [];
  const answers: Partial<FetchAnswer>[] = [];
  const client = new RestClient({
    url: URL,
    timer: world.timer,
    fetch: (url, { baseUrl }) => {
      expect(baseUrl).toBe(URL);
      asked.push(url.slice(URL.length));
      times.push(world.timer.now());
      const query = new URLSearchParams(url.split("?")[1]);
      const end = Number(query.get("end") ?? Infinity);
      const rows = trades
        .filter(({ time }) => Date.parse(time) / 1_000 >= Number(query.get("start")))
        .filter(({ time }) => Date.parse(time) / 1_000 < end)
        .toReversed()
        .slice(0, Math.min(most, Number(query.get("limit"))));
      const body = JSON.stringify({ trades: rows.map((row) => ({ ...row, exchange: "X" })) });
      return Promise.resolve({ status: 200, headers: {}, cookies: [], body, ...answers.shift() });
    },
  });
  const fetch = (fromMs: number, toMs?: number, maxTrades = 5_000): Promise<readonly Trade[]> => {
    const found = fetchOldTrades(client, {
      product: "BTC-USD",
      range: { fromMs, toMs },
      maxTrades,
      signal: SIGNAL,
    });
    return world.complete(found);
  };
  return { world, asked, times, answers, fetch };
}

/** Unix milliseconds, so many seconds after the first trade. */
function at(seconds: number): number {
  return (BASE + seconds) * 1_000;
}

const idsOf = (trades: readonly Trade[]): number[] =>
  trades.map(({ trade_id }) => Number(trade_id)).sort((one, other) => one - other);

describe("old trades by REST", () => {
  const TRADES = Array.from({ length: 40 }, (_, id) => trade(id, BASE + id / 4));

  it("are asked for in whole seconds, page by page, each once", async () => {
    const { fetch, asked } = rig(TRADES, 10);
    expect(idsOf(await fetch(at(2.25), at(7)))).toEqual(idsOf(TRADES.slice(8, 32)));
    const path = "/api/v3/brokerage/market/products/BTC-USD/ticker";
    expect(asked[0]).toBe(`${path}?limit=1000&start=${BASE + 2}&end=${BASE + 8}`);
    expect(asked.length).toBeLessThan(6);
  });

  it("are asked for up to now where the end is open, and once where one page has them", async () => {
    const { fetch, asked } = rig(TRADES);
    expect(idsOf(await fetch(at(9)))).toEqual([36, 37, 38, 39]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain("end");
  });

  it("end where a page goes no further, and where enough was read", async () => {
    const crowd = Array.from({ length: 30 }, (_, id) => trade(id, BASE + 0.5));
    expect(await rig(crowd, 10).fetch(at(0))).toHaveLength(10);
    const { fetch, asked } = rig(TRADES, 10);
    expect(await fetch(at(0), undefined, 5)).toHaveLength(5);
    expect(asked).toHaveLength(1);
  });

  it("are asked for at most 5 times a second, and not during a pause that the venue states", async () => {
    const { fetch, times, answers, world } = rig(TRADES, 6);
    await fetch(at(0));
    expect(times.length).toBeGreaterThan(6);
    expect(times.every((one, index) => index < 5 || one - (times[index - 5] ?? 0) >= 1_000)).toBe(
      true,
    );
    answers.push({ status: 429, headers: { "retry-after": "30" } });
    await world.run(2_000);
    const code = { code: "REST_REFUSED", kind: "throttled", status: 429, retryAfterMs: 30_000 };
    await expect(fetch(at(9))).rejects.toMatchObject(code);
    const refusedAt = times.at(-1) ?? 0;
    await fetch(at(9));
    expect((times.at(-1) ?? 0) - refusedAt).toBeGreaterThanOrEqual(30_000);
  });

  it("are refused when an answer is none", async () => {
    const { fetch, answers } = rig(TRADES);
    answers.push({ body: "<html>" }, { body: "{}" }, { body: '{"trades":[{"trade_id":1}]}' });
    for (let count = 0; count < 3; count++)
      await expect(fetch(at(9))).rejects.toMatchObject({ code: "REST_INVALID" });
    answers.push({ status: 404, body: "{}" });
    await expect(fetch(at(9))).rejects.toMatchObject({ kind: "client", status: 404 });
  });
});

it("the backfill turns the sides of REST where they are not those of the channel", () => {
  const { liken } = TRADE_RECORDS;
  const found = [trade(1, 1, "BUY"), trade(2, 2, "SELL")];
  const sides = (live: Trade): unknown =>
    liken?.(found, new Map([[live.trade_id, live]])).map(({ side }) => side);
  expect(sides(trade(2, 2, "SELL"))).toEqual(["BUY", "SELL"]);
  expect(sides(trade(2, 2, "BUY"))).toEqual(["SELL", "BUY"]);
});
