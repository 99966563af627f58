import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Calls, ClientIds } from "@oath-ws/venue-kit";
import type { CallOutcome, CallsOptions } from "@oath-ws/venue-kit";
import { FeedRig, RENEWAL } from "../support/feed-rig.js";

function failure(code: string): WsError {
  return new WsError({ kind: "server", code, message: code });
}

/** Calls over the toy venue: `nonsense` is refused, everything else is echoed. */
function callsOver(rig: FeedRig, options: Partial<CallsOptions<string, string>> = {}) {
  return new Calls<string, string>({
    timer: rig.world.timer,
    prepare: (about) => about,
    send: (about, context) => rig.feed.call((ask) => JSON.stringify({ ask, about }), context),
    ...options,
  });
}

describe("calls over a connection", () => {
  it("are answered, refused, or do not leave without one", async () => {
    const rig = new FeedRig();
    const calls = callsOver(rig);
    expect(await rig.world.complete(calls.call("early"))).toMatchObject({
      kind: "didNotLeave",
      error: { code: "NOT_CONNECTED" },
    });
    await rig.live("a");
    expect(await rig.world.complete(calls.call("weather"))).toEqual({
      kind: "answered",
      answer: "weather",
    });
    expect(await rig.world.complete(calls.call("nonsense"))).toMatchObject({
      kind: "refused",
      error: { code: "REFUSED" },
    });
    expect(rig.venue.seat.commands).toEqual(["sub a", "ask weather", "ask nonsense"]);
    await rig.end();
  });

  it("end as unknown when the answer is late or lost, and are not sent again", async () => {
    const rig = new FeedRig();
    const calls = callsOver(rig);
    await rig.live("a");
    rig.venue.seat.answers = false;
    const late = calls.call("late", { timeoutMs: 300 });
    const lost = calls.call("lost", { timeoutMs: 60_000 });
    const run = cancelController();
    const dropped = calls.call("dropped", { signal: run.signal });
    await rig.world.run(100);
    run.abort("changed my mind");
    await rig.world.run(200);
    expect(await rig.world.complete(late)).toMatchObject({
      kind: "fateUnknown",
      error: { code: "CALL_TIMEOUT" },
    });
    expect(await rig.world.complete(dropped)).toMatchObject({
      kind: "fateUnknown",
      error: { code: "CALL_ABORTED", cause: "changed my mind" },
    });
    rig.venue.seat.peer.reset();
    expect(await rig.world.complete(lost)).toMatchObject({
      kind: "fateUnknown",
      error: { code: "ANSWER_LOST" },
    });
    await rig.world.run(120_000);
    const asked = rig.venue.seats.flatMap(({ commands }) => commands);
    expect(asked.filter((command) => command.startsWith("ask"))).toEqual([
      "ask late",
      "ask lost",
      "ask dropped",
    ]);
    await rig.end();
  });

  it.each([
    ["answered", undefined, { kind: "answered", answer: "done" }],
    ["refused", "never", { kind: "refused", error: { code: "REFUSED" } }],
    ["put off", "busy", { kind: "refused", error: { code: "BUSY" } }],
    ["called too fast", "fast", { kind: "refused", error: { code: "TOO_FAST" } }],
  ] as const)("are %s by words that arrive with the connection's end", async (_, why, outcome) => {
    const rig = new FeedRig();
    const calls = callsOver(rig);
    await rig.live("a");
    const { seat } = rig.venue;
    seat.answers = false;
    const call = calls.call("order", { timeoutMs: 60_000 });
    await rig.world.settle();
    const id = seat.lastAsk;
    seat.say(why === undefined ? { ok: id, result: "done" } : { no: id, why });
    seat.peer.reset();
    expect(await rig.world.complete(call)).toMatchObject(outcome);
    await rig.end();
  });

  it("are answered by words that wait behind many frames of the connection that ended", async () => {
    const rig = new FeedRig({ config: { buffer: { maxFrames: 5_000 } } });
    const calls = callsOver(rig);
    await rig.live("a");
    const { seat } = rig.venue;
    seat.answers = false;
    const answered = calls.call("order", { timeoutMs: 60_000 });
    const lost = calls.call("another order", { timeoutMs: 60_000 });
    await rig.world.settle();
    const id = seat.lastAsk - 1;
    for (let round = 0; round < 2_000; round++) rig.venue.publish("a");
    seat.say({ ok: id, result: "done" });
    seat.peer.reset();
    expect(await rig.world.complete(Promise.all([answered, lost]))).toMatchObject([
      { kind: "answered", answer: "done" },
      { kind: "fateUnknown", error: { code: "ANSWER_LOST" } },
    ]);
    expect(rig.world.timer.now()).toBeLessThan(10_000);
    await rig.end();
  });

  it("that wait for our own rate limit at their end did not leave", async () => {
    const rig = new FeedRig({ config: { send: { rateLimit: { max: 4, windowMs: 60_000 } } } });
    const calls = callsOver(rig);
    await rig.live("a");
    const all = Array.from({ length: 6 }, (_, n) => calls.call(`n${n}`, { timeoutMs: 5_000 }));
    const outcomes = await rig.world.complete(Promise.all(all));
    const asked = rig.venue.seat.commands.filter((command) => command.startsWith("ask"));
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      outcomes.map((_, n) => (asked.includes(`ask n${n}`) ? "answered" : "didNotLeave")),
    );
    expect(asked.length).toBeLessThan(4);
    await rig.world.run(120_000);
    expect(rig.venue.seat.commands.filter((one) => one.startsWith("ask"))).toEqual(asked);
    await rig.end();
  });
});

describe("a call's time", () => {
  const hang = (): Promise<never> => new Promise(() => undefined);

  it.each<[string, Partial<CallsOptions<string, string>>, CallOutcome<unknown>["kind"]]>([
    ["the budget", { budget: { take: hang } }, "didNotLeave"],
    ["the signer", { prepare: hang }, "didNotLeave"],
    ["the way to the venue", { send: hang }, "fateUnknown"],
  ])("is kept when %s hangs", async (_, options, kind) => {
    const world = createWorld();
    const calls = new Calls<string, string>({
      timer: world.timer,
      prepare: (request) => request,
      send: () => Promise.resolve({ kind: "answered", answer: undefined }),
      ...options,
    });
    const outcome = calls.call("x", { timeoutMs: 700 });
    await world.run(701);
    expect(await outcome).toMatchObject({ kind, error: { code: "CALL_TIMEOUT" } });
    expect(world.timer.pendingCount).toBe(0);
  });

  it("sends nothing after it is over, or when it was given up before", async () => {
    const world = createWorld();
    let sent = 0;
    const calls = new Calls<string, string>({
      timer: world.timer,
      prepare: async (request) => {
        await world.delay(500);
        return request;
      },
      send: () => {
        sent++;
        return Promise.resolve({ kind: "answered", answer: undefined });
      },
    });
    const late = calls.call("x", { timeoutMs: 400 });
    const gone = calls.call("x", { signal: AbortSignal.abort("no") });
    await world.run(2_000);
    expect([(await late).kind, (await gone).kind, sent]).toEqual(["didNotLeave", "didNotLeave", 0]);
  });

  it("takes the weight before it signs, and gives a broken signer or way its own error", async () => {
    const world = createWorld();
    const order: string[] = [];
    const calls = new Calls<string, string>({
      timer: world.timer,
      weigh: (request) => request.length,
      budget: {
        take: (weight: number, _signal?: CancelSignal) => {
          order.push(`take ${weight}`);
          return Promise.resolve();
        },
      },
      prepare: (request) => {
        order.push("sign");
        if (request === "bad") throw new TypeError("no key");
        return request;
      },
      send: (request) => {
        if (request === "odd") throw new TypeError("bang");
        return Promise.reject(new TypeError("boom"));
      },
    });
    expect(await calls.call("bad")).toMatchObject({
      kind: "didNotLeave",
      error: { code: "CALL_FAULT", cause: { message: "no key" } },
    });
    expect(await calls.call("good")).toMatchObject({
      kind: "fateUnknown",
      error: { code: "CALL_FAULT", cause: { message: "boom" } },
    });
    expect(await calls.call("odd")).toMatchObject({
      kind: "fateUnknown",
      error: { code: "CALL_FAULT", cause: { message: "bang" } },
    });
    expect(order).toEqual(["take 3", "sign", "take 4", "sign", "take 3", "sign"]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("leaves open what an uncertain refusal did", async () => {
    const world = createWorld();
    const calls = new Calls<string, string>({
      timer: world.timer,
      prepare: (request) => request,
      send: (code) => Promise.resolve({ kind: "refused", error: failure(code) }),
      isUncertain: ({ code }) => code === "INTERNAL_ERROR",
    });
    expect((await calls.call("INTERNAL_ERROR")).kind).toBe("fateUnknown");
    expect((await calls.call("NO_MONEY")).kind).toBe("refused");
  });
});

describe("client ids", () => {
  const format = { maxLength: 36, pattern: /^[A-Za-z0-9-]+$/ };

  it("hold 128 bits whole, and differ", () => {
    const { newId } = createWorld();
    const ids = new ClientIds({ newId, format, prefix: "a-" });
    const made = Array.from({ length: 1_000 }, () => ids.next());
    expect(new Set(made).size).toBe(1_000);
    expect(made.every((id) => /^a-[0-9a-f]{32}$/.test(id) && ids.isValid(id))).toBe(true);
    expect(ids.isValid("")).toBe(false);
    expect(ids.isValid("x".repeat(37))).toBe(false);
  });

  it.each(["12345", "a b"])("refuse the prefix %o rather than cut an id", (prefix) => {
    const { newId } = createWorld();
    expect(() => new ClientIds({ newId, format, prefix })).toThrow(/clientIdPrefix/);
  });
});

describe("calls during a planned renewal", () => {
  it("find a connection all the time, and are sent once", async () => {
    const rig = new FeedRig({ renewal: RENEWAL });
    const calls = callsOver(rig);
    await rig.live("a");
    rig.feed.renew();
    const outcomes: Promise<CallOutcome<unknown>>[] = [];
    for (let n = 0; n < 300; n++) {
      outcomes.push(calls.call(`n${n}`));
      rig.venue.publish("a");
      await rig.world.run(100);
    }
    const settled = await rig.world.complete(Promise.all(outcomes));
    expect(rig.venue.seats).toHaveLength(2);
    const asked = rig.venue.seats.flatMap(({ commands }) => commands);
    for (const [n, { kind }] of settled.entries()) {
      expect({ n, times: asked.filter((one) => one === `ask n${n}`).length }).toEqual({
        n,
        times: 1,
      });
      expect({ n, kind }).toEqual({ n, kind: "answered" });
    }
    await rig.end();
  });
});
