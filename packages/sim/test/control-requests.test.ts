import { describe, expect, test } from "vitest";
import { client, sim } from "./support/with-sim.js";

describe("requests on a market connection", () => {
  test("subscribe, list, unsubscribe, and the effect of each", async () => {
    const venue = await sim({ market: { ordersPerStep: 3 } });
    const each = await client(`${venue.url}/ws`);
    expect(
      await each.ask({ method: "SUBSCRIBE", params: ["btcusdt@trade", "no@such"], id: 1 }),
    ).toEqual({ result: null, id: 1 });
    expect(await each.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({
      result: ["btcusdt@trade", "no@such"],
      id: 2,
    });
    venue.market.step(10);
    await each.until(() => each.messages.length > 5);
    expect(await each.ask({ method: "UNSUBSCRIBE", params: ["btcusdt@trade"], id: "x-3" })).toEqual(
      { result: null, id: "x-3" },
    );
    expect(venue.stats().subscriptions).toEqual([
      { connection: 1, endpoint: "stream", streams: ["no@such"] },
    ]);
    const before = each.messages.length;
    venue.market.step(10);
    expect(await each.ask({ method: "LIST_SUBSCRIPTIONS", id: 4 })).toEqual({
      result: ["no@such"],
      id: 4,
    });
    expect(each.messages.length).toBe(before + 1);
  });

  test("the combined property can be read and set, and answers are never wrapped", async () => {
    const venue = await sim({ market: { ordersPerStep: 3 } });
    const each = await client(`${venue.url}/stream?streams=btcusdt@trade`);
    expect(await each.ask({ method: "GET_PROPERTY", params: ["combined"], id: 1 })).toEqual({
      result: true,
      id: 1,
    });
    expect(await each.ask({ method: "SET_PROPERTY", params: ["combined", false], id: 2 })).toEqual({
      result: null,
      id: 2,
    });
    venue.market.step(10);
    await each.until(() => each.messages.length > 2);
    expect(each.messages[2]).toMatchObject({ e: "trade" });
  });

  test.each([
    ["{", 3, "Invalid JSON"],
    ["5", 3, "Invalid JSON"],
    ['{"id":1}', 2, "missing field `method`"],
    ['{"method":"DANCE","id":1}', 2, "unknown variant `DANCE`"],
    ['{"method":"SUBSCRIBE","params":["a@b"],"id":{}}', 2, "request ID"],
    ['{"method":"SUBSCRIBE","params":"a@b","id":1}', 2, "params"],
    ['{"method":"GET_PROPERTY","params":[5],"id":1}', 2, "property name must be a string"],
    ['{"method":"GET_PROPERTY","params":["combined",1],"id":1}', 2, "too many parameters"],
    ['{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0, "Unknown property"],
    ['{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1, "expected Boolean"],
  ])("%s is answered with a documented error", async (text, code, message) => {
    const venue = await sim();
    const each = await client(`${venue.url}/ws`);
    each.socket.send(text);
    await each.until(() => each.messages.length === 1);
    expect(each.messages[0]).toMatchObject({
      code,
      msg: expect.stringContaining(message) as string,
    });
    expect(venue.stats().badRequests).toBe(1);
  });

  test("more than the allowed streams are refused as a whole (B-8), in either form", async () => {
    const names = Array.from({ length: 1_024 }, (_name, at) => `s${at}usdt@trade`);
    for (const errorForm of ["documented", "nested"] as const) {
      const venue = await sim({ errorForm });
      const each = await client(`${venue.url}/ws`);
      expect(await each.ask({ method: "SUBSCRIBE", params: names, id: 1 })).toEqual({
        result: null,
        id: 1,
      });
      const answer = await each.ask({ method: "SUBSCRIBE", params: ["one@more"], id: 2 });
      const error = { code: 4, msg: "Too many subscriptions" };
      expect(answer).toEqual(errorForm === "documented" ? { ...error, id: 2 } : { error, id: 2 });
      expect(venue.stats().subscriptions[0]?.streams.length).toBe(1_024);
    }
  });

  test("a request larger than the configured size is ignored silently (B-12)", async () => {
    const venue = await sim({ limits: { silentMessageBytes: 200 } });
    const each = await client(`${venue.url}/ws`);
    each.send({
      method: "SUBSCRIBE",
      params: Array.from({ length: 50 }, () => "btcusdt@trade"),
      id: 1,
    });
    expect(await each.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({ result: [], id: 2 });
    expect(each.messages.length).toBe(1);
  });
});
