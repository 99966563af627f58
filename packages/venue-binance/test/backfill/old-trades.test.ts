import { createWorld } from "@oath-ws/testing";
import type { FetchRequest } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { fetchOldTrades } from "../../src/backfill/old-trades.js";
import type { FillableKind } from "../../src/backfill/old-trades.js";
import { RestClient } from "../../src/rest/rest-client.js";
import { WeightBudget } from "../../src/rest/weight-budget.js";

interface Asked {
  readonly path: string;
  readonly headers: FetchRequest["headers"];
}

/** Ids that the venue has. */
const KNOWN = { from: 1, to: 3_500 };

function row(kind: FillableKind, id: number): object {
  if (kind === "aggTrade")
    return { a: id, p: "1.50", q: "2", f: 7, l: 8, T: 1_000 + id, m: true, M: true };
  const amounts = { price: "1.50", qty: "2", quoteQty: "3.00" };
  return { id, ...amounts, time: 1_000 + id, isBuyerMaker: true, isBestMatch: false };
}

/** A REST API with the venue's pages; `spoil` changes what it answers. */
function rig(spoil: (rows: unknown[]) => unknown = (rows) => rows) {
  const world = createWorld();
  const asked: Asked[] = [];
  const charged: number[] = [];
  const budget = new WeightBudget(world.timer);
  const take = budget.take.bind(budget);
  budget.take = (weight, signal) => {
    charged.push(weight);
    return take(weight, signal);
  };
  const client = new RestClient({
    url: "https://rest.test",
    timer: world.timer,
    budget,
    timeoutMs: 1_000,
    fetch: async (url, { headers }) => {
      const { pathname, search, searchParams } = new URL(url);
      asked.push({ path: pathname + search, headers });
      const kind = pathname.endsWith("aggTrades") ? "aggTrade" : "trade";
      const from = Math.max(Number(searchParams.get("fromId")), KNOWN.from);
      const limit = Math.min(Number(searchParams.get("limit")), 1_000, KNOWN.to - from + 1);
      const rows = Array.from({ length: Math.max(0, limit) }, (_, index) =>
        row(kind, from + index),
      );
      return { status: 200, headers: {}, cookies: [], body: JSON.stringify(spoil(rows)) };
    },
  });
  return { world, asked, charged, client };
}

describe("old trades", () => {
  it.each([
    ["trade", 25, "/api/v3/historicalTrades"],
    ["aggTrade", 4, "/api/v3/aggTrades"],
  ] as const)("%s come in pages of 1 000, each with its weight", async (kind, weight, path) => {
    const { world, asked, charged, client } = rig();
    const range = { from: 100, to: 2_299 };
    const wanted = fetchOldTrades(client, { kind, symbol: "BTCUSDT", range, timeUnit: "ms" });
    await world.complete(wanted);
    const ids = (await wanted).map((trade) => (trade.e === "trade" ? trade.t : trade.a));
    expect(ids).toEqual(Array.from({ length: 2_200 }, (_, index) => 100 + index));
    expect(asked.map((each) => each.path)).toEqual([
      `${path}?symbol=BTCUSDT&fromId=100&limit=1000`,
      `${path}?symbol=BTCUSDT&fromId=1100&limit=1000`,
      `${path}?symbol=BTCUSDT&fromId=2100&limit=200`,
    ]);
    expect(charged).toEqual([weight, weight, weight]);
  });

  it("look as the stream sends them, in its unit of time", async () => {
    const { world, asked, client } = rig();
    const range = { from: 5, to: 5 };
    const parts = { symbol: "BTCUSDT", range, timeUnit: "us" } as const;
    const trades = fetchOldTrades(client, { kind: "trade", ...parts });
    const aggregates = fetchOldTrades(client, { kind: "aggTrade", ...parts });
    await world.complete(Promise.all([trades, aggregates]));
    const common = { s: "BTCUSDT", E: 1_005, T: 1_005, p: "1.50", q: "2", m: true };
    expect(await trades).toEqual([{ e: "trade", t: 5, ...common, M: false }]);
    expect(await aggregates).toEqual([{ e: "aggTrade", a: 5, f: 7, l: 8, ...common, M: true }]);
    expect(asked.map(({ headers }) => headers)).toEqual([
      { "X-MBX-TIME-UNIT": "MICROSECOND" },
      { "X-MBX-TIME-UNIT": "MICROSECOND" },
    ]);
  });

  it("end where the venue knows no more, and never ask for a page again", async () => {
    const { world, asked, client } = rig();
    const parts = { kind: "trade", symbol: "BTCUSDT", timeUnit: "ms" } as const;
    const late = fetchOldTrades(client, { ...parts, range: { from: 3_400, to: 3_600 } });
    await world.complete(late);
    expect((await late).length).toBe(101);
    expect(asked.length).toBe(2);
    const stuck = rig((rows) => rows.slice(0, 0).concat(row("trade", 1)));
    const same = fetchOldTrades(stuck.client, { ...parts, range: { from: 10, to: 20 } });
    await stuck.world.complete(same);
    expect(stuck.asked.length).toBe(1);
  });

  it.each([
    ["no list", () => ({ rows: [] })],
    ["a row without an id", (rows: unknown[]) => [{ ...(rows[0] as object), id: undefined }]],
    ["a price that is a number", (rows: unknown[]) => [{ ...(rows[0] as object), price: 1.5 }]],
    ["a row that is null", () => [null]],
  ])("reject %s", async (_, spoil) => {
    const { world, client } = rig(spoil);
    const range = { from: 1, to: 2 };
    const bad = fetchOldTrades(client, { kind: "trade", symbol: "X", range, timeUnit: "ms" });
    bad.catch(() => undefined);
    await world.settle();
    await expect(bad).rejects.toMatchObject({ code: "REST_INVALID" });
  });
});
