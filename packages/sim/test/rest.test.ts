import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { createPrivateKey, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { client, sim } from "./support/with-sim.js";

describe("REST", () => {
  test("depth: default and bounded limits, weights, errors", async () => {
    const venue = await sim({ market: { levels: 200 } });
    const get = async (query: string): Promise<[number, unknown, string | null]> => {
      const answer = await fetch(`${venue.restUrl}/api/v3/depth${query}`);
      return [answer.status, await answer.json(), answer.headers.get("x-mbx-used-weight-1m")];
    };
    const [status, body, used] = await get("?symbol=BTCUSDT");
    expect([status, used]).toEqual([200, "5"]);
    expect((body as { bids: unknown[] }).bids).toHaveLength(100);
    expect((await get("?symbol=BTCUSDT&limit=5000"))[2]).toBe("255");
    expect((await get("?symbol=NOPE"))[1]).toEqual({ code: -1121, msg: "Invalid symbol." });
    expect((await get(""))[1]).toMatchObject({ code: -1102 });
    expect((await get("?symbol=BTCUSDT&limit=x"))[0]).toBe(400);
  });

  test("old trades: pages, weights, what is kept, errors, and bad answers", async () => {
    const venue = await sim({ market: { archivedOrders: 20, ordersPerStep: 2 } });
    type Row = { readonly a: number; readonly id: number };
    const get = async (path: string): Promise<[number, Row[], string | null]> => {
      const answer = await fetch(`${venue.restUrl}/api/v3/${path}`);
      const rows = (await answer.json()) as Row[];
      return [answer.status, rows, answer.headers.get("x-mbx-used-weight-1m")];
    };
    venue.market.step(50);
    const { aggregateId, tradeId } = venue.market.lastIds("BTCUSDT");
    const kept = await get("aggTrades?symbol=BTCUSDT&fromId=1&limit=1000");
    expect(kept[2]).toBe("4");
    expect(kept[1].map(({ a }) => a)).toEqual(
      Array.from({ length: 20 }, (_, index) => aggregateId - 19 + index),
    );
    const page = await get(`historicalTrades?symbol=BTCUSDT&fromId=${tradeId - 4}&limit=3`);
    expect(page[2]).toBe("29");
    expect(page[1].map(({ id }) => id)).toEqual([tradeId - 4, tradeId - 3, tradeId - 2]);
    expect((await get("historicalTrades?symbol=BTCUSDT&limit=2"))[1].at(-1)?.id).toBe(tradeId);
    expect((await get(`aggTrades?symbol=BTCUSDT&fromId=${aggregateId + 1}`))[1]).toEqual([]);
    expect((await get("aggTrades?symbol=NOPE"))[1]).toEqual({
      code: -1121,
      msg: "Invalid symbol.",
    });
    expect((await get("aggTrades"))[0]).toBe(400);
    expect((await get("aggTrades?symbol=BTCUSDT&fromId=x"))[0]).toBe(400);
    expect((await get("aggTrades?symbol=BTCUSDT&limit=0"))[0]).toBe(400);
    venue.faults.oldTrades({ answer: "refuse" });
    expect((await get("aggTrades?symbol=BTCUSDT"))[0]).toBe(500);
    venue.faults.oldTrades({ answer: "partial" });
    expect((await get("aggTrades?symbol=BTCUSDT&limit=10"))[1].length).toBe(5);
    venue.faults.oldTrades({ answer: "slow", forMs: 3_600_000 });
    const patience = new AbortController();
    const slow = fetch(`${venue.restUrl}/api/v3/aggTrades?symbol=BTCUSDT`, {
      signal: patience.signal,
    });
    let isAnswered = false;
    void slow.then(
      () => (isAnswered = true),
      () => undefined,
    );
    expect((await get("ping"))[0]).toBe(200);
    expect((await get("aggTrades?symbol=BTCUSDT"))[0]).toBe(200);
    expect(isAnswered).toBe(false);
    patience.abort();
    await expect(slow).rejects.toThrow();
    venue.faults.oldTrades({ answer: "refuse", count: 5 });
    venue.faults.clear();
    expect((await get("aggTrades?symbol=BTCUSDT"))[0]).toBe(200);
  });

  test("stale depth: the book of the moment the fault was made, then the present one", async () => {
    const venue = await sim();
    const { updateId } = venue.market.lastIds("BTCUSDT");
    venue.faults.staleDepth(2);
    venue.market.step(5);
    const lastIds: number[] = [];
    for (let request = 0; request < 3; request++) {
      const answer = await fetch(`${venue.restUrl}/api/v3/depth?symbol=BTCUSDT`);
      lastIds.push(((await answer.json()) as { lastUpdateId: number }).lastUpdateId);
    }
    expect(lastIds).toEqual([updateId, updateId, venue.market.lastIds("BTCUSDT").updateId]);
  });

  test("signed account and open orders", async () => {
    const venue = await sim();
    const account = venue.account();
    const get = async (
      path: string,
      query: string,
      key = account.apiKey,
    ): Promise<[number, unknown]> => {
      const signature = sign(
        null,
        Buffer.from(query),
        createPrivateKey(account.privateKey ?? ""),
      ).toString("base64");
      const url = `${venue.restUrl}${path}?${query}&signature=${encodeURIComponent(signature)}`;
      const answer = await fetch(url, { headers: { "X-MBX-APIKEY": key } });
      return [answer.status, await answer.json()];
    };
    account.placeOrder({ symbol: "ETHUSDT", side: "SELL", price: "2600", quantity: "1.5" });
    const [status, orders] = await get("/api/v3/openOrders", `timestamp=${Date.now()}`);
    expect([status, orders]).toEqual([200, account.openOrders()]);
    expect(await get("/api/v3/openOrders", `symbol=BTCUSDT&timestamp=${Date.now()}`)).toEqual([
      200,
      [],
    ]);
    const [, shown] = await get("/api/v3/account", `timestamp=${Date.now()}`);
    expect(shown).toMatchObject({
      balances: expect.arrayContaining([
        { asset: "ETH", free: "98.50000000", locked: "1.50000000" },
      ]) as unknown[],
    });
    expect(await get("/api/v3/account", `timestamp=${Date.now()}`, "other")).toMatchObject([
      401,
      { code: -2015 },
    ]);
    const unsigned = await fetch(
      `${venue.restUrl}/api/v3/account?timestamp=${Date.now()}&signature=AA`,
      {
        headers: { "X-MBX-APIKEY": account.apiKey },
      },
    );
    expect([unsigned.status, await unsigned.json()]).toMatchObject([400, { code: -1022 }]);
  });

  test("listen keys are gone (B-30), and so is anything else that is not simulated", async () => {
    const venue = await sim();
    expect((await fetch(`${venue.restUrl}/api/v3/userDataStream`, { method: "POST" })).status).toBe(
      410,
    );
    expect((await fetch(`${venue.restUrl}/api/v3/order`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${venue.restUrl}/control`)).status).toBe(404);
  });
});

describe("control endpoint", () => {
  test("makes faults and shows the statistics", async () => {
    const venue = await sim({ control: true });
    const each = await client(`${venue.url}/ws`);
    const post = async (
      body: string,
      headers: Record<string, string> = {},
    ): Promise<[number, unknown]> => {
      const answer = await fetch(`${venue.restUrl}/control`, { method: "POST", body, headers });
      return [answer.status, await answer.json()];
    };
    const [status, applied] = await post(
      '{"fault":{"kind":"close","code":4002},"target":{"connection":1}}',
    );
    expect([status, applied]).toMatchObject([200, { connections: [1] }]);
    expect(await each.ended).toMatchObject({ code: 4002 });
    expect(await (await fetch(`${venue.restUrl}/control`)).json()).toMatchObject({
      accepted: 1,
      faults: [{}],
    });
    expect(await post("nonsense")).toMatchObject([400, {}]);
    expect(await post('{"fault":{"kind":"explode"}}')).toMatchObject([
      400,
      { error: expect.stringContaining("fault.kind") as string },
    ]);
    expect(await post('{"fault":{"kind":"stall"}}')).toMatchObject([
      400,
      { error: expect.stringContaining("fault.forMs") as string },
    ]);
    expect((await post("{}", { Origin: "http://evil.example" }))[0]).toBe(403);
    // A page whose name was made to point to loopback; `fetch` sends no Host of the caller's.
    for (const host of ["evil.example", "127.evil.example"]) {
      const asked = request(`${venue.restUrl}/control`, { headers: { host } }).end();
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      answer.resume();
      expect([host, answer.statusCode]).toEqual([host, 403]);
    }
    expect((await post(" ".repeat(70_000)))[0]).toBe(413);
    expect((await fetch(`${venue.restUrl}/control`, { method: "DELETE" })).status).toBe(405);
  });
});
