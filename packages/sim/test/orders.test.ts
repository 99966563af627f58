import { createPrivateKey, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SimAccount } from "../src/index.js";
import { client, sim } from "./support/with-sim.js";

type Params = Readonly<Record<string, string | number>>;

const ORDER = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "1",
  price: "100",
} as const;

function signed(account: SimAccount, params: Params, timestamp = Date.now()): Params {
  const all: Params = { apiKey: account.apiKey, timestamp, ...params };
  const names = Object.keys(all).sort();
  const text = names.map((name) => `${name}=${all[name]}`).join("&");
  const key = createPrivateKey(account.privateKey ?? "");
  return { ...all, signature: sign(null, Buffer.from(text), key).toString("base64") };
}

/** Asks over a new connection, with a signature. */
async function asker() {
  const venue = await sim();
  const each = await client(`${venue.url}/ws-api/v3`);
  const account = venue.account();
  let id = 0;
  const request = (method: string, params: Params, timestamp?: number) => ({
    id: ++id,
    method,
    params: signed(account, params, timestamp),
  });
  const ask = (method: string, params: Params = ORDER, timestamp?: number) =>
    each.ask(request(method, params, timestamp));
  return { venue, each, account, ask, request };
}

describe("orders over the WebSocket API", () => {
  test("are placed, shown, cancelled and kept in the account's record", async () => {
    const { account, ask } = await asker();
    const placed = await ask("order.place", { ...ORDER, newClientOrderId: "mine" });
    expect(placed).toMatchObject({
      status: 200,
      result: {
        orderId: 1,
        clientOrderId: "mine",
        status: "NEW",
        price: "100.00000000",
        fills: [],
      },
    });
    const name = { symbol: "BTCUSDT", origClientOrderId: "mine" };
    expect(await ask("order.status", name)).toMatchObject({ result: { status: "NEW" } });
    expect(await ask("order.cancel", name)).toMatchObject({
      result: { origClientOrderId: "mine", status: "CANCELED" },
    });
    expect(await ask("order.status", name)).toMatchObject({ result: { status: "CANCELED" } });
    expect(await ask("order.cancel", name)).toMatchObject({ error: { code: -2011 } });
    expect(account.orders).toMatchObject([{ clientOrderId: "mine", status: "CANCELED" }]);
    expect(account.openOrders()).toEqual([]);
  });

  test("are checked by order.test, which places none", async () => {
    const { account, ask } = await asker();
    expect(await ask("order.test")).toMatchObject({ status: 200, result: {} });
    expect(await ask("order.test", { ...ORDER, quantity: "1000000" })).toMatchObject({
      error: { code: -2010 },
    });
    expect(account.orders).toEqual([]);
  });

  test.each<[string, Params, number]>([
    ["an open order has the client id", { newClientOrderId: "mine" }, -2010],
    ["there is not enough money", { quantity: "1000000" }, -2010],
    ["the symbol is not known", { symbol: "NOPE" }, -1121],
    ["the side is none", { side: "HOLD" }, -1117],
    ["the type is not known", { type: "HOPE" }, -1116],
    ["a price is no amount", { price: "-1" }, -1102],
    ["the client id is too long", { newClientOrderId: "x".repeat(37) }, -1130],
    ["a parameter is not known", { hope: "yes" }, -1104],
  ])("are refused when %s", async (_, wrong, code) => {
    const { account, ask } = await asker();
    await ask("order.place", { ...ORDER, newClientOrderId: "mine" });
    expect(await ask("order.place", { ...ORDER, ...wrong })).toMatchObject({
      status: 400,
      error: { code },
    });
    expect(account.orders).toHaveLength(1);
  });

  test("are limited in number, and the one too many is not placed", async () => {
    const { account, ask } = await asker();
    for (let placed = 0; placed < 50; placed++) await ask("order.place", { ...ORDER, price: "1" });
    expect(await ask("order.place", { ...ORDER, price: "1" })).toMatchObject({
      status: 429,
      error: { code: -1015 },
    });
    expect(account.orders).toHaveLength(50);
  });

  test("that came too late are refused, and one that is not there is not found", async () => {
    const { ask } = await asker();
    expect(await ask("order.place", ORDER, Date.now() - 6_000)).toMatchObject({
      error: { code: -1021 },
    });
    expect(
      await ask("order.status", { symbol: "BTCUSDT", origClientOrderId: "mine" }),
    ).toMatchObject({ status: 400, error: { code: -2013 } });
  });
});

describe("troubles of orders", () => {
  test.each<[string, boolean]>([
    ["answer-lost", true],
    ["request-lost", false],
  ])("%s is not answered, and placed: %o", async (trouble, isPlaced) => {
    const { venue, each, account, ask, request } = await asker();
    venue.faults.apply({ kind: "order-trouble", trouble } as Parameters<
      typeof venue.faults.apply
    >[0]);
    each.send(request("order.place", ORDER));
    // Requests are answered in their order.
    await ask("ping", {});
    expect(each.messages).toHaveLength(1);
    expect(account.orders).toHaveLength(isPlaced ? 1 : 0);
    expect(await ask("order.place")).toMatchObject({ status: 200 });
  });

  test.each<["reset-after" | "reset-before", number]>([
    ["reset-after", 1],
    ["reset-before", 0],
  ])("%s resets the connection", async (trouble, orders) => {
    const { venue, each, account, request } = await asker();
    venue.faults.orderTrouble({ trouble });
    each.send(request("order.place", ORDER));
    expect((await each.ended).code).toBe(1006);
    expect(account.orders).toHaveLength(orders);
  });

  test("late requests are judged when they arrive, late answers tell what was", async () => {
    const { venue, account, ask, each, request } = await asker();
    venue.faults.orderTrouble({ trouble: "answer-late", delayMs: 30 });
    const late = ask("order.place");
    await ask("ping", {});
    expect(account.orders).toHaveLength(1);
    expect(await late).toMatchObject({ status: 200 });
    venue.faults.orderTrouble({ trouble: "request-late", delayMs: 60 });
    const refused = ask("order.place", { ...ORDER, recvWindow: 20 });
    expect(await refused).toMatchObject({ error: { code: -1021 } });
    venue.faults.orderTrouble({ trouble: "slow", delayMs: 300 });
    each.send(request("order.place", { ...ORDER, newClientOrderId: "slow" }));
    const name = { symbol: "BTCUSDT", origClientOrderId: "slow" };
    expect(await ask("order.status", name)).toMatchObject({ error: { code: -2013 } });
    for (;;) if ((await ask("order.status", name))["status"] === 200) break;
    expect(account.orders).toHaveLength(2);
  });

  test("are ended by clear", async () => {
    const { venue, ask } = await asker();
    venue.faults.orderTrouble({ trouble: "request-lost", count: 3 });
    venue.faults.clear();
    expect(await ask("order.place")).toMatchObject({ status: 200 });
  });
});
