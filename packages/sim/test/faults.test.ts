import { describe, expect, test } from "vitest";
import { refusal } from "./support/client.js";
import { client, type DepthEvent, sim } from "./support/with-sim.js";

const DEPTH = "/ws/btcusdt@depth@100ms";

/** First ids of the depth events that a client got. */
function firstIds(messages: readonly unknown[]): number[] {
  return (messages as DepthEvent[]).map((event) => event.U);
}

describe("faults that end or stop a connection", () => {
  test("refuse: the next upgrades get the status, the headers and the body", async () => {
    const venue = await sim();
    venue.faults.refuse({
      status: 503,
      count: 2,
      headers: { "Retry-After": "7" },
      body: "maintenance",
    });
    const first = await refusal(`${venue.url}/ws`);
    expect([first.statusCode, first.headers["retry-after"]]).toEqual([503, "7"]);
    expect((await refusal(`${venue.url}/ws`)).statusCode).toBe(503);
    await client(`${venue.url}/ws`);
    expect(venue.stats().connects.map((each) => each.status)).toEqual([503, 503, 101]);
  });

  test("accept then close: with a code, and without one by a reset", async () => {
    const venue = await sim();
    venue.faults.acceptThenClose({ code: 1013, reason: "try later" });
    venue.faults.acceptThenClose();
    expect(await (await client(`${venue.url}/ws`)).ended).toMatchObject({
      code: 1013,
      reason: "try later",
    });
    expect(await (await client(`${venue.url}/ws`)).ended).toMatchObject({ code: 1006 });
    await client(`${venue.url}/ws`);
  });

  test("close, with and without a code, and reset", async () => {
    const venue = await sim();
    const closed = await client(`${venue.url}/ws`);
    venue.faults.closeConnections(4001, "bye");
    expect(await closed.ended).toMatchObject({ code: 4001, reason: "bye" });
    const silent = await client(`${venue.url}/ws`);
    venue.faults.apply({ kind: "close", code: 1005 });
    expect(await silent.ended).toMatchObject({ code: 1005 });
    const reset = await client(`${venue.url}/ws`);
    const applied = venue.faults.dropConnections();
    expect(applied.connections).toEqual([3]);
    expect(await reset.ended).toMatchObject({ code: 1006 });
    expect(venue.stats().faults.map((each) => each.fault.kind)).toEqual([
      "close",
      "close",
      "reset",
    ]);
  });

  test("half-open: silent and deaf, without an end; later connections are healthy", async () => {
    const venue = await sim({ timeScale: 1_000 });
    const dead = await client(venue.url + DEPTH);
    venue.faults.halfOpen();
    const { framesReceived } = venue.stats();
    const healthy = await client(venue.url + DEPTH);
    venue.market.step(5);
    dead.socket.ping();
    dead.socket.send("{}");
    await healthy.until(() => healthy.messages.length === 5);
    // Whole minutes of venue time later it is still neither pinged nor closed.
    await venue.waitFor((stats) => stats.pingsAnswered >= 10);
    expect(dead.messages).toEqual([]);
    expect(dead.socket.readyState).toBe(1);
    const { open, framesReceived: later, pingsAnswered } = venue.stats();
    expect(open).toBe(2);
    expect(later - framesReceived).toBe(pingsAnswered);
  });

  test("mute: no text, while pings and pongs go on; unmute ends it", async () => {
    const venue = await sim({ timeScale: 1_000 });
    const each = await client(venue.url + DEPTH);
    venue.faults.mute();
    venue.market.step(5);
    await venue.waitFor((stats) => stats.pingsAnswered >= 5);
    expect(each.messages).toEqual([]);
    expect(venue.stats().framesWithheld).toBe(5);
    venue.faults.unmute();
    venue.market.step(1);
    await each.until(() => each.messages.length === 1);
  });

  test("stall: everything comes later, in order, and nothing is lost", async () => {
    const venue = await sim({ timeScale: 100 });
    const each = await client(venue.url + DEPTH);
    venue.faults.stall(5_000);
    venue.market.step(50);
    each.socket.ping();
    expect(each.messages).toEqual([]);
    await each.until(() => each.messages.length === 50);
    const ids = firstIds(each.messages);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    await venue.waitFor((stats) => stats.pingsReceived === 1);
  });

  test("throttle: bytes trickle, whole frames arrive, and lifting it lets the rest go", async () => {
    const venue = await sim();
    const each = await client(venue.url + DEPTH);
    venue.faults.throttle(2_000);
    venue.market.step(300);
    await each.until(() => each.messages.length >= 1);
    expect(each.messages.length).toBeLessThan(300);
    venue.faults.throttle(undefined);
    await each.until(() => each.messages.length === 300);
  });

  test("a close waits for what is throttled before it", async () => {
    const venue = await sim();
    const each = await client(venue.url + DEPTH);
    venue.faults.throttle(50_000);
    venue.market.step(20);
    venue.faults.closeConnections(1000, "done");
    expect(await each.ended).toMatchObject({ code: 1000, reason: "done" });
    expect(each.messages).toHaveLength(20);
  });

  test("ignore-close: the client's close frame is never answered", async () => {
    const venue = await sim();
    const each = await client(`${venue.url}/ws`, { closeTimeout: 100 } as object);
    venue.faults.ignoreClose();
    each.socket.close(1000, "bye");
    // `ws` gives up by itself after its close timeout; a close frame would have made it 1000.
    expect(await each.ended).toMatchObject({ code: 1006 });
  });

  test("serverShutdown: the event in the form of the connection, then the disconnect (B-10)", async () => {
    const venue = await sim({ timeScale: 1_000 });
    const raw = await client(`${venue.url}/ws`);
    const combined = await client(`${venue.url}/stream`);
    const api = await client(`${venue.url}/ws-api/v3`);
    venue.faults.serverShutdown(undefined, { endpoint: "all" });
    expect(await raw.ended).toMatchObject({ code: 1001 });
    expect(await combined.ended).toMatchObject({ code: 1001 });
    await api.ended;
    expect(raw.messages).toEqual([{ e: "serverShutdown", E: expect.any(Number) as number }]);
    expect(combined.messages).toEqual([
      { stream: "!serverShutdown", data: { e: "serverShutdown", E: expect.any(Number) as number } },
    ]);
    expect(api.messages).toEqual([
      { event: { e: "serverShutdown", E: expect.any(Number) as number } },
    ]);
  });

  test("expire and ban, on demand", async () => {
    const venue = await sim({ lifetime: { closeCode: 1006 } });
    const aged = await client(`${venue.url}/ws`);
    venue.faults.expire();
    expect(await aged.ended).toMatchObject({ code: 1006 });
    const banned = await client(`${venue.url}/ws`);
    venue.faults.ban();
    expect(await banned.ended).toMatchObject({ code: 1008 });
    expect((await refusal(`${venue.url}/ws`)).statusCode).toBe(418);
  });
});

describe("faults in the frames", () => {
  test("drop, duplicate and reorder act on the next events, and the record tells", async () => {
    const venue = await sim();
    const each = await client(venue.url + DEPTH);
    venue.market.step(1);
    venue.faults.drop();
    venue.market.step(2);
    venue.faults.duplicate();
    venue.market.step(2);
    venue.faults.reorder();
    venue.market.step(3);
    await each.until(() => each.messages.length === 8);
    const [published] = venue.record.published("btcusdt@depth@100ms");
    expect(published?.events).toBe(8);
    const order = firstIds(each.messages);
    const ids = [...new Set(order)].sort((one, other) => one - other);
    expect(order.map((id) => ids.indexOf(id))).toEqual([0, 1, 2, 2, 3, 5, 4, 6]);
    const [sent] = venue.record.sent(1);
    expect(sent?.events).toBe(8);
    expect(sent?.ranges.length).toBeGreaterThan(3);
  });

  test("gap: a hole in the ids, while the book goes on", async () => {
    const venue = await sim();
    const each = await client(venue.url + DEPTH);
    venue.market.step(2);
    venue.faults.gap({ symbol: "btcusdt", events: 3 });
    venue.market.step(5);
    await each.until(() => each.messages.length === 4);
    const events = each.messages as DepthEvent[];
    expect(events[2]?.U).toBeGreaterThan((events[1]?.u ?? 0) + 1);
    expect(venue.record.published("btcusdt@depth@100ms")).toHaveLength(2);
  });

  test("fragments arrive as the same messages", async () => {
    const venue = await sim();
    const whole = await client(venue.url + DEPTH);
    const cut = await client(venue.url + DEPTH);
    venue.faults.fragment(7, { connection: 2 });
    venue.market.step(10);
    await whole.until(() => whole.messages.length === 10);
    await cut.until(() => cut.messages.length === 10);
    expect(cut.raw).toEqual(whole.raw);
  });

  test("an oversized frame and one that is not UTF-8 end the client by its own rules", async () => {
    const venue = await sim();
    const small = await client(`${venue.url}/ws`, { maxPayload: 10_000 });
    venue.faults.oversized(20_000);
    expect((await small.ended).error).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
    const strict = await client(`${venue.url}/ws`);
    venue.faults.badUtf8();
    expect((await strict.ended).error).toBe("WS_ERR_INVALID_UTF8");
    const lenient = await client(`${venue.url}/ws`, { skipUTF8Validation: true });
    venue.faults.badUtf8();
    venue.faults.oversized(300_000);
    await lenient.until(() => lenient.messages.length === 2);
    expect(lenient.raw[1]).toHaveLength(300_000);
  });

  test("lost answers, and clear", async () => {
    const venue = await sim();
    const each = await client(venue.url + DEPTH);
    venue.faults.dropReplies();
    venue.faults.drop(10);
    each.send({ method: "LIST_SUBSCRIPTIONS", id: 1 });
    await venue.waitFor((stats) => stats.framesWithheld === 1);
    venue.faults.clear();
    venue.market.step(1);
    expect(await each.ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toMatchObject({ id: 2 });
    expect(each.messages).toHaveLength(2);
  });

  test("burst: exactly so many consecutive trades for each client that follows them", async () => {
    const venue = await sim();
    const trades = await client(`${venue.url}/stream?streams=btcusdt@trade/ethusdt@trade`);
    const depth = await client(venue.url + DEPTH);
    const applied = venue.faults.burst(1_001);
    await trades.until(() => trades.messages.length === 1_001);
    expect(applied.connections).toEqual([1]);
    for (const { ranges } of venue.record.sent(1)) expect(ranges).toHaveLength(1);
    venue.market.step(1);
    await depth.until(() => depth.messages.length === 1);
  });

  test("a burst does not change what the market does otherwise", async () => {
    const prices = async (burst: boolean): Promise<unknown[]> => {
      const venue = await sim({ market: { ordersPerStep: 2 } });
      const each = await client(`${venue.url}/ws/btcusdt@aggTrade`);
      if (burst) venue.faults.burst(10);
      venue.market.step(20);
      const { aggregateId } = venue.market.lastIds("BTCUSDT");
      await each.until(() => each.messages.length === aggregateId);
      return (each.messages as { p: string; q: string }[])
        .slice(burst ? 10 : 0)
        .map(({ p, q }) => [p, q]);
    };
    expect(await prices(true)).toEqual(await prices(false));
  });
});

describe("scripts", () => {
  test("by frame number over all connections: once, to the connection that got it", async () => {
    const venue = await sim({
      script: [{ when: { kind: "frame", number: 5 }, fault: { kind: "reset" } }],
    });
    const first = await client(venue.url + DEPTH);
    const second = await client(venue.url + DEPTH);
    venue.market.step(2);
    venue.market.step(3);
    expect(await first.ended).toMatchObject({ code: 1006 });
    await second.until(() => second.messages.length === 5);
    expect(venue.stats().faults).toHaveLength(1);
  });

  test("by frame number of a connection: for every one", async () => {
    const fault = { kind: "close", code: 1000, reason: "third" } as const;
    const venue = await sim({ script: [{ when: { kind: "connection-frame", number: 3 }, fault }] });
    for (let round = 0; round < 2; round++) {
      const each = await client(venue.url + DEPTH);
      venue.market.step(5);
      expect(await each.ended).toMatchObject({ code: 1000, reason: "third" });
      expect(each.messages).toHaveLength(3);
    }
  });

  test("a scripted burst does not overtake the event that brought it about", async () => {
    const fault = { kind: "burst", frames: 20 } as const;
    const venue = await sim({
      market: { ordersPerStep: 3 },
      script: [{ when: { kind: "frame", number: 1 }, fault }],
    });
    const first = await client(`${venue.url}/ws/btcusdt@trade`);
    const second = await client(`${venue.url}/ws/btcusdt@trade`);
    venue.market.step(3);
    await first.until(() => first.messages.length >= 20);
    await second.until(() => second.messages.length >= 20);
    for (const each of [first, second]) {
      const ids = (each.messages as { t: number }[]).map(({ t }) => t);
      expect(ids).toEqual(ids.map((_id, at) => at + 1));
    }
  });

  test("by venue time, with a target", async () => {
    const venue = await sim({
      timeScale: 1_000,
      script: [
        {
          when: { kind: "time", afterMs: 200_000 },
          fault: { kind: "reset" },
          target: { endpoint: "ws-api" },
        },
      ],
    });
    const market = await client(`${venue.url}/ws`);
    const api = await client(`${venue.url}/ws-api/v3`);
    expect(await api.ended).toMatchObject({ code: 1006 });
    expect(market.socket.readyState).toBe(1);
  });
});
