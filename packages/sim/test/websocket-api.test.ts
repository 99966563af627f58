import { createHmac, createPrivateKey, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { BinanceSim, SimAccount } from "../src/index.js";
import type { Client } from "./support/client.js";
import { refusal } from "./support/client.js";
import { client, sim } from "./support/with-sim.js";

const PATH = "/ws-api/v3";

/** Signs parameters with the key pair that the simulator made. */
function signed(
  account: SimAccount,
  params: Record<string, string | number> = {},
): Record<string, string | number> {
  const all: Record<string, string | number> = {
    apiKey: account.apiKey,
    timestamp: Date.now(),
    ...params,
  };
  const names = Object.keys(all).sort();
  const text = names.map((name) => `${name}=${all[name]}`).join("&");
  const signature = sign(
    null,
    Buffer.from(text),
    createPrivateKey(account.privateKey ?? ""),
  ).toString("base64");
  return { ...all, signature };
}

async function loggedOn(venue: BinanceSim): Promise<Client> {
  const each = await client(venue.url + PATH);
  const answer = await each.ask({
    id: "logon",
    method: "session.logon",
    params: signed(venue.account()),
  });
  expect(answer).toMatchObject({
    status: 200,
    result: { apiKey: venue.account().apiKey, userDataStream: false },
  });
  return each;
}

/** Kinds of the user data events that a client got. */
function events(each: Client): unknown[] {
  return (each.messages as { event?: { e: string } }[]).flatMap(({ event }) =>
    event === undefined ? [] : [event.e],
  );
}

describe("WebSocket API", () => {
  test("ping, time, rate limits, and their absence on request (B-31)", async () => {
    const venue = await sim();
    const each = await client(venue.url + PATH);
    expect(await each.ask({ id: 1, method: "ping" })).toEqual({
      id: 1,
      status: 200,
      result: {},
      rateLimits: [
        {
          rateLimitType: "REQUEST_WEIGHT",
          interval: "MINUTE",
          intervalNum: 1,
          limit: 6_000,
          count: 3,
        },
      ],
    });
    const bare = await client(`${venue.url}${PATH}?returnRateLimits=false`);
    expect(await bare.ask({ id: "t", method: "time" })).toEqual({
      id: "t",
      status: 200,
      result: { serverTime: expect.any(Number) as number },
    });
    expect(
      await bare.ask({ id: 2, method: "depth", params: { symbol: "BTCUSDT", limit: 5 } }),
    ).toMatchObject({
      result: { lastUpdateId: venue.market.lastIds("BTCUSDT").updateId },
    });
  });

  test("logon with a verified Ed25519 signature, status, subscribe, events, logout (B-33, B-34)", async () => {
    const venue = await sim();
    const each = await loggedOn(venue);
    expect(await each.ask({ id: 1, method: "userDataStream.subscribe" })).toMatchObject({
      result: { subscriptionId: 0 },
    });
    expect(await each.ask({ id: 2, method: "session.subscriptions" })).toMatchObject({
      result: [{ subscriptionId: 0 }],
    });
    const account = venue.account();
    const order = account.placeOrder({
      symbol: "BTCUSDT",
      side: "BUY",
      price: "60000",
      quantity: "0.5",
    });
    account.fillOrder(order, "0.2");
    account.cancelOrder(order);
    account.deposit("BNB", "3");
    account.lock("BNB", "1");
    expect(await each.ask({ id: 3, method: "session.logout" })).toMatchObject({
      result: { apiKey: null },
    });
    await each.until(() => events(each).includes("eventStreamTerminated"));
    expect(events(each)).toEqual([
      ...["executionReport", "outboundAccountPosition"],
      ...["executionReport", "outboundAccountPosition"],
      ...["executionReport", "outboundAccountPosition"],
      ...[
        "balanceUpdate",
        "outboundAccountPosition",
        "externalLockUpdate",
        "eventStreamTerminated",
      ],
    ]);
    const reports = (each.messages as { event?: Record<string, unknown> }[]).flatMap(({ event }) =>
      event?.["e"] === "executionReport" ? [[event["x"], event["X"], event["z"], event["Z"]]] : [],
    );
    expect(reports).toEqual([
      ["NEW", "NEW", "0.00000000", "0.00000000"],
      ["TRADE", "PARTIALLY_FILLED", "0.20000000", "12000.00000000"],
      ["CANCELED", "CANCELED", "0.20000000", "12000.00000000"],
    ]);
    expect(account.balances()).toMatchObject({
      BTC: { free: "10.20000000", locked: "0.00000000" },
      USDT: { free: "988000.00000000", locked: "0.00000000" },
      BNB: { free: "2.00000000", locked: "1.00000000" },
    });
    // The record knows every event by its place in the account's history.
    expect(venue.record.sent(1)).toMatchObject([{ events: 9, ranges: [{ first: 1, last: 9 }] }]);
    expect(account.events).toHaveLength(9);
  });

  test("signed subscription without a logon; one per account; it survives a logout", async () => {
    const venue = await sim();
    const each = await loggedOn(venue);
    const subscribe = {
      id: 1,
      method: "userDataStream.subscribe.signature",
      params: signed(venue.account()),
    };
    expect(await each.ask(subscribe)).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
    expect(await each.ask({ id: 2, method: "userDataStream.subscribe" })).toMatchObject({
      error: { code: -1191 },
    });
    await each.ask({ id: 3, method: "session.logout" });
    venue.account().deposit("BTC", "1");
    await each.until(() => events(each).length === 2);
    expect(
      await each.ask({
        id: 4,
        method: "userDataStream.unsubscribe",
        params: { subscriptionId: 0 },
      }),
    ).toMatchObject({
      status: 200,
      result: {},
    });
    await each.until(() => events(each).at(-1) === "eventStreamTerminated");
    expect(venue.stats().subscriptions[0]?.streams).toEqual([]);
  });

  test("HMAC keys may subscribe but not log on; the documented example of the venue verifies (B-35)", async () => {
    const apiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    const hmacSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    const example =
      `apiKey=${apiKey}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT` +
      "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT";
    expect(createHmac("sha256", hmacSecret).update(example).digest("hex")).toBe(
      "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    );
    const venue = await sim({ accounts: [{ apiKey, hmacSecret }] });
    const each = await client(venue.url + PATH);
    const timestamp = Date.now();
    const signature = createHmac("sha256", hmacSecret)
      .update(`apiKey=${apiKey}&timestamp=${timestamp}`)
      .digest("hex");
    const params = { apiKey, timestamp, signature };
    expect(await each.ask({ id: 1, method: "session.logon", params })).toMatchObject({
      error: { code: -4056 },
    });
    const answer = await each.ask({ id: 2, method: "userDataStream.subscribe.signature", params });
    expect(answer).toMatchObject({ result: { subscriptionId: 0 } });
  });

  test("every way in which a signed request can fail", async () => {
    const venue = await sim();
    const account = venue.account();
    const each = await client(venue.url + PATH);
    let id = 0;
    const code = async (params: Record<string, unknown>): Promise<unknown> => {
      const answer = await each.ask({ id: ++id, method: "session.logon", params });
      return (answer["error"] as { code: number } | undefined)?.code;
    };
    const good = signed(account);
    expect(await code({})).toBe(-1102);
    expect(await code({ ...good, apiKey: "" })).toBe(-2014);
    expect(await code({ ...good, apiKey: "somebodyElse" })).toBe(-2015);
    expect(await code({ ...good, signature: "AAAA" })).toBe(-1022);
    expect(await code({ ...good, timestamp: Number(good["timestamp"]) - 1 })).toBe(-1022);
    expect(await code({ ...signed(account), signature: undefined })).toBe(-1102);
    expect(await code(signed(account, { timestamp: Date.now() - 60_000 }))).toBe(-1021);
    expect(await code(signed(account, { timestamp: Date.now() + 5_000 }))).toBe(-1021);
    expect(
      await code(signed(account, { timestamp: Date.now() - 30_000, recvWindow: 60_000 })),
    ).toBeUndefined();
    expect(await code(signed(account, { recvWindow: 60_001 }))).toBe(-1131);
    expect(await code(signed(account, { timestamp: Date.now() * 1_000 }))).toBeUndefined();
  });

  test("requests that make no sense", async () => {
    const venue = await sim();
    const each = await client(venue.url + PATH);
    each.socket.send("nonsense");
    await each.until(() => each.messages.length === 1);
    expect(each.messages[0]).toMatchObject({ id: null, status: 400, error: { code: -1135 } });
    expect(await each.ask({ id: 1, method: "constructor" })).toMatchObject({
      status: 400,
      error: { code: -5000 },
    });
    expect(await each.ask({ id: 2, method: "userDataStream.subscribe" })).toMatchObject({
      status: 401,
    });
    const extra = await each.ask({
      id: 3,
      method: "userDataStream.subscribe",
      params: { apiKey: "x" },
    });
    expect(extra).toMatchObject({ error: { code: -1104 } });
    expect(await each.ask({ id: 4, method: "userDataStream.start" })).toMatchObject({
      error: { code: -5000 },
    });
  });

  test("a clock that is off: the venue's time decides (-1021)", async () => {
    const venue = await sim({ clockSkewMs: -10_000 });
    const each = await client(venue.url + PATH);
    const early = await each.ask({
      id: 1,
      method: "session.logon",
      params: signed(venue.account()),
    });
    expect(early).toMatchObject({ status: 400, error: { code: -1021 } });
    const { result } = (await each.ask({ id: 2, method: "time" })) as {
      result: { serverTime: number };
    };
    const params = signed(venue.account(), { timestamp: result.serverTime });
    expect(await each.ask({ id: 3, method: "session.logon", params })).toMatchObject({
      status: 200,
    });
  });

  test("a revoked key: the next request is answered with id null, for good (B-37)", async () => {
    const venue = await sim();
    const each = await loggedOn(venue);
    await each.ask({ id: 1, method: "userDataStream.subscribe" });
    venue.faults.revokeKey();
    each.send({ id: 2, method: "ping" });
    await each.until(() => events(each).includes("eventStreamTerminated"));
    expect(each.messages).toContainEqual(
      expect.objectContaining({
        id: null,
        status: 401,
        error: { code: -2015, msg: "Invalid API-key, IP, or permissions for action." },
      }),
    );
    const again = await each.ask({
      id: 3,
      method: "session.logon",
      params: signed(venue.account()),
    });
    expect(again).toMatchObject({ status: 401, error: { code: -2015 } });
  });

  test("limits on subscriptions, at a time and ever (B-34)", async () => {
    const venue = await sim({ limits: { lifetimeSubscriptions: 2 } });
    const each = await loggedOn(venue);
    for (let id = 0; id < 2; id++) {
      await each.ask({ id: `s${id}`, method: "userDataStream.subscribe" });
      await each.ask({ id: `u${id}`, method: "userDataStream.unsubscribe" });
    }
    const answer = await each.ask({ id: "last", method: "userDataStream.subscribe" });
    expect(answer).toMatchObject({ error: { code: -1191 } });
  });

  test("too much weight: 429 with retryAfter, then a ban: 418 and the disconnect", async () => {
    const venue = await sim({ limits: { requestWeight: 10, weightViolationsToBan: 3 } });
    const each = await client(venue.url + PATH);
    for (let id = 0; id < 8; id++)
      expect(await each.ask({ id, method: "ping" })).toMatchObject({ status: 200 });
    const over = await each.ask({ id: "over", method: "ping" });
    expect(over).toMatchObject({
      status: 429,
      error: { code: -1003, data: { retryAfter: expect.any(Number) as number } },
    });
    const rest = await fetch(`${venue.restUrl}/api/v3/time`);
    expect([rest.status, Number(rest.headers.get("retry-after")) > 0]).toEqual([429, true]);
    const final = await each.ask({ id: "final", method: "ping" });
    expect(final).toMatchObject({
      status: 418,
      error: { data: { retryAfter: expect.any(Number) as number } },
    });
    await each.ended;
    expect((await refusal(venue.url + PATH)).statusCode).toBe(418);
    expect(venue.stats()).toMatchObject({ weightViolations: 3, bans: 1, disconnects: { ban: 1 } });
  });

  test("account and open orders over the session, and random activity that repeats with the seed", async () => {
    const history = async (): Promise<unknown[]> => {
      const venue = await sim({ seed: 5 });
      venue.account().act(200);
      return venue
        .account()
        .events.map(({ event }) => [event["e"], event["s"], event["q"], event["B"], event["x"]]);
    };
    expect(await history()).toEqual(await history());
    const venue = await sim();
    const each = await loggedOn(venue);
    venue.account().act(50);
    const params = { timestamp: Date.now() };
    const orders = await each.ask({ id: 1, method: "openOrders.status", params });
    expect(orders["result"]).toEqual(venue.account().openOrders());
    const status = await each.ask({ id: 2, method: "account.status", params });
    const { balances } = status["result"] as {
      balances: { asset: string; free: string; locked: string }[];
    };
    expect(
      Object.fromEntries(balances.map(({ asset, free, locked }) => [asset, { free, locked }])),
    ).toEqual(venue.account().balances());
  });
});
