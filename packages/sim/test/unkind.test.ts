import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { refusal } from "./support/client.js";
import { client, sim } from "./support/with-sim.js";

const SUBSCRIBE = { method: "SUBSCRIBE", params: ["btcusdt@trade"] };

describe("errors in answer to requests", () => {
  test("come in the documented form, or nested, so often, and change nothing", async () => {
    const venue = await sim();
    const each = await client(`${venue.url}/stream`);
    venue.faults.answerErrors({ code: -1003, msg: "slow down" });
    venue.faults.answerErrors({ code: -1000, form: "nested" });
    expect(await each.ask({ ...SUBSCRIBE, id: 1 })).toEqual({
      code: -1003,
      msg: "slow down",
      id: 1,
    });
    expect(await each.ask({ ...SUBSCRIBE, id: 2 })).toMatchObject({ error: { code: -1000 } });
    expect(venue.stats().subscriptions[0]?.streams).toEqual([]);
    expect(await each.ask({ ...SUBSCRIBE, id: 3 })).toEqual({ result: null, id: 3 });
    expect(venue.stats().badRequests).toBe(2);
  });

  test("of the WebSocket API have a status, and a time when they are a limit", async () => {
    const venue = await sim();
    const each = await client(`${venue.url}/ws-api/v3`);
    venue.faults.answerErrors(
      { code: -1003, status: 418, retryAfterMs: 60_000, count: 2 },
      { endpoint: "ws-api" },
    );
    const answer = await each.ask({ method: "ping", id: "a" });
    expect(answer).toMatchObject({ status: 418, error: { code: -1003 } });
    const { data } = answer["error"] as { data: { serverTime: number; retryAfter: number } };
    expect(data.retryAfter - data.serverTime).toBe(60_000);
    venue.faults.clear();
    expect(await each.ask({ method: "ping", id: "b" })).toMatchObject({ status: 200 });
  });
});

test("a firewall answers upgrades and REST with 403 and a page, until it is cleared", async () => {
  const venue = await sim();
  venue.faults.firewall();
  const refused = await refusal(`${venue.url}/ws`);
  expect([refused.statusCode, refused.headers["content-type"]]).toEqual([403, "text/html"]);
  const rest = await fetch(`${venue.restUrl}/api/v3/time`);
  expect([rest.status, (await rest.text()).startsWith("<html>")]).toEqual([403, true]);
  expect(venue.stats().connects[0]?.refused).toBe("firewall");
  venue.faults.clear();
  await client(`${venue.url}/ws`);
  expect((await fetch(`${venue.restUrl}/api/v3/time`)).status).toBe(200);
});

test("a venue that stops reading goes on sending, and reads everything later", async () => {
  const venue = await sim();
  const each = await client(`${venue.url}/ws/btcusdt@depth@100ms`);
  venue.faults.stopReading();
  each.send({ ...SUBSCRIBE, id: 1 });
  venue.market.step(5);
  await each.until(() => each.messages.length === 5);
  expect(venue.stats().framesReceived).toBe(0);
  venue.faults.clear();
  await each.until(() => each.messages.length === 6);
  expect(venue.stats().framesReceived).toBe(1);
});

test("user data subscriptions end when told to, and right behind their confirmation", async () => {
  const venue = await sim({ accounts: [{ apiKey: "k", hmacSecret: "s" }] });
  const each = await client(`${venue.url}/ws-api/v3`);
  const subscribe = (id: number): Promise<Record<string, unknown>> => {
    const params = { apiKey: "k", timestamp: Date.now() };
    const text = `apiKey=k&timestamp=${params.timestamp}`;
    const signature = createHmac("sha256", "s").update(text).digest("hex");
    return each.ask({
      method: "userDataStream.subscribe.signature",
      params: { ...params, signature },
      id,
    });
  };
  const ended = (): number =>
    each.raw.filter((text) => text.includes("eventStreamTerminated")).length;
  expect(await subscribe(1)).toMatchObject({ status: 200 });
  venue.faults.terminateUserData(1);
  await each.until(() => ended() === 1);
  expect(await subscribe(2)).toMatchObject({ status: 200 });
  await each.until(() => ended() === 2);
  expect(await subscribe(3)).toMatchObject({ status: 200 });
  expect(venue.stats().subscriptions[0]?.streams).toEqual(["2"]);
  expect(ended()).toBe(2);
});
