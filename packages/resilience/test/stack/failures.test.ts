import type { ClassifyContext, Handshake } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { accept, acceptThenClose, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { AttemptGate, defaultClassify } from "@oath-ws/resilience";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { startReader } from "./support/reader.js";
import { HANDSHAKE, Rig, STABLE_MS } from "./support/rig.js";

const TRIES = 4; // The first one and attempts.permanentRetries (3) more.

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

describe("a permanent refusal", () => {
  it("rejects connect() with the cause after a few tries, and leaves nothing behind", async () => {
    const rig = new Rig({ otherwise: refuse({ status: 401 }) });
    const connecting = watch(rig.connector.connect(HANDSHAKE));
    await rig.world.run(3_600_000);
    expect(errorOf(connecting)).toMatchObject({
      kind: "auth",
      code: "UPGRADE_REFUSED",
      status: 401,
    });
    expect(rig.leaf.dials).toHaveLength(TRIES);
    expect(rig.traced("failure").at(-1)).toMatchObject({
      verdict: "permanent",
      retryAt: undefined,
    });
    rig.expectNothingLeft();
  });

  it("ends an established feed loudly: phase, source, sends and lifecycle all say so", async () => {
    const rig = new Rig({ config: { attempts: { permanentForMs: false } } });
    const connection = await rig.up();
    const reader = startReader(connection, rig.world);
    rig.peer.text("last words");
    rig.leaf.otherwise = refuse({ status: 403 });
    rig.peer.reset();
    await rig.world.settle();
    const waiting = watch(connection.sink.send("x", { whileDown: "wait", deadlineMs: 600_000 }));
    await rig.world.run(3_600_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "unrecoverable",
      exhausted: false,
      attempts: 1 + TRIES,
      cause: { kind: "auth", status: 403 },
    });
    expect(reader).toMatchObject({
      state: "failed",
      error: connection.lifecycle.snapshot.cause,
      frames: [{ seq: 1 }],
    });
    expect(errorOf(waiting)).toMatchObject({ code: "NOT_CONNECTED", cause: { status: 403 } });
    await expect(connection.sink.send("y")).rejects.toMatchObject({
      code: "NOT_CONNECTED",
      cause: { status: 403 },
    });
    await expect(connection.source.readable()).rejects.toBe(connection.lifecycle.snapshot.cause);
    await expect(connection.control.shutdown()).resolves.toBeUndefined();
    expect(connection.lifecycle.snapshot.phase).toBe("unrecoverable");
    rig.expectNothingLeft();
  });

  it("that heals within the tries is forgotten", async () => {
    const rig = new Rig({ script: [refuse({ status: 401 }), refuse({ status: 401 }), accept()] });
    const connection = await rig.up();
    await rig.world.run(STABLE_MS);
    rig.leaf.enqueue(
      refuse({ status: 401 }),
      refuse({ status: 401 }),
      refuse({ status: 401 }),
      accept(),
    );
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", attempts: 7 });
  });

  it("counts also with a transient failure in between, which says nothing about it", async () => {
    const mixed = [401, 401, 401, 503, 503, 401].map((status) => refuse({ status }));
    const rig = new Rig({ script: mixed });
    const outcome = watch(rig.connector.connect(HANDSHAKE));
    await rig.world.run(60_000);
    expect(outcome.reason).toMatchObject({ status: 401 });
    expect(rig.leaf.dials).toHaveLength(6);
    rig.expectNothingLeft();
  });

  it("is backed off like any other failure", async () => {
    const rig = new Rig({ otherwise: refuse({ status: 401 }) });
    watch(rig.connector.connect(HANDSHAKE));
    await rig.world.run(60_000);
    for (const [i, gap] of gaps(rig.dialTimes).entries()) {
      expect(gap).toBeGreaterThanOrEqual(125 * 2 ** i);
      expect(gap).toBeLessThanOrEqual(250 * 2 ** i);
    }
  });
});

describe("Retry-After", () => {
  it.each([429, 503, 418])(
    "of a %d is a floor: one attempt, however often a reconnect is forced",
    async (status) => {
      const rig = new Rig({ script: [refuse({ status, retryAfterMs: 60_000 })] });
      const connection = await rig.start();
      for (let t = 0; t < 59; t++) {
        await rig.world.run(1_000);
        connection.trigger.forceReconnect(`impatient at ${t}`);
      }
      await rig.world.run(999);
      expect(rig.dialTimes).toEqual([0]);
      expect(connection.lifecycle.snapshot.phase).toBe("connecting");
      await rig.world.run(1);
      expect(rig.dialTimes).toEqual([0, 60_000]);
      expect(connection.lifecycle.snapshot.phase).toBe("connected");
    },
  );

  it("of an AuthSource's own service is obeyed like the venue's", async () => {
    let calls = 0;
    const rig = new Rig({
      auth: {
        authorize: (handshake) => {
          if (++calls > 1) return handshake;
          throw new WsError({
            kind: "throttled",
            code: "TOKEN_BUSY",
            message: "slow down",
            status: 429,
            retryAfterMs: 30_000,
          });
        },
      },
    });
    await rig.up();
    expect(rig.dialTimes).toEqual([30_000]);
  });

  it.each([
    { retryAfterMs: Number.NaN, withinMs: 250 },
    { retryAfterMs: -5, withinMs: 250 },
    { retryAfterMs: Number.POSITIVE_INFINITY, withinMs: 86_400_000 },
  ])(
    "of $retryAfterMs ms, from a foreign leaf, wedges nothing",
    async ({ retryAfterMs, withinMs }) => {
      const rig = new Rig({ script: [refuse({ status: 429, retryAfterMs })] });
      const connection = await rig.start();
      await rig.world.run(withinMs);
      expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", attempts: 2 });
    },
  );

  it("keeps every connection to that host away that shares the gate, and no other", async () => {
    const gate = new AttemptGate();
    const throttled = new Rig({ gate, script: [refuse({ status: 429, retryAfterMs: 60_000 })] });
    const connection = await throttled.start();
    await throttled.world.settle();
    const sibling = new Rig({ gate });
    const [same, other] = [
      await sibling.start(),
      await sibling.start({ ...HANDSHAKE, url: "wss://other.example/" }),
    ];
    await sibling.world.run(59_999);
    expect([same, other].map(({ lifecycle }) => lifecycle.snapshot.attempts)).toEqual([0, 1]);
    await sibling.world.run(1);
    expect(same.lifecycle.snapshot.phase).toBe("connected");
    await throttled.world.complete(connection.control.shutdown());
  });
});

describe("what looks like a wrong address", () => {
  it.each([400, 404, 405, 410, 426])(
    "%d is permanent before the first connection",
    async (status) => {
      const rig = new Rig({ otherwise: refuse({ status }) });
      const connecting = watch(rig.connector.connect(HANDSHAKE));
      await rig.world.run(600_000);
      expect(errorOf(connecting)).toMatchObject({ status });
      expect(rig.leaf.dials).toHaveLength(TRIES);
    },
  );

  it.each([400, 404, 405, 410, 426])(
    "%d is transient afterwards: a deploy behind a proxy",
    async (status) => {
      const rig = new Rig();
      const connection = await rig.up();
      rig.leaf.otherwise = refuse({ status });
      rig.peer.reset();
      await rig.world.run(600_000);
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "reconnecting",
        cause: { status },
      });
      rig.leaf.otherwise = accept();
      await rig.untilEpoch(connection, 2);
    },
  );
});

describe("an AuthSource", () => {
  it.each([
    {
      name: "rejects",
      fail: () => Promise.reject(new Error("no session")),
      code: "AUTH_FAILED",
      kind: "auth",
    },
    {
      name: "throws synchronously",
      fail: (): never => {
        throw new TypeError("bug in the token code");
      },
      code: "AUTH_FAILED",
      kind: "auth",
    },
    {
      name: "returns a bad URL",
      fail: () => ({ ...HANDSHAKE, url: "http://venue.example" }),
      code: "URL_INVALID",
      kind: "client",
    },
    {
      name: "returns nothing",
      fail: () => undefined as unknown as Handshake,
      code: "AUTH_INVALID",
      kind: "client",
    },
    {
      name: "cannot reach its service",
      fail: () =>
        Promise.reject(
          Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } }),
        ),
      code: "AUTH_FAILED",
      kind: "connection",
    },
  ])("that $name once does not stop the feed from coming up", async ({ fail, code, kind }) => {
    let calls = 0;
    const rig = new Rig({
      auth: { authorize: (handshake) => (++calls === 1 ? fail() : handshake) },
    });
    const connection = await rig.up();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      attempts: 2,
      cause: { code, kind },
    });
    expect(rig.leaf.dials).toHaveLength(1);
  });

  it("that never returns a handshake is unrecoverable, with a cause that says so", async () => {
    const rig = new Rig({ auth: { authorize: () => undefined as unknown as Handshake } });
    const connecting = watch(rig.connector.connect(HANDSHAKE));
    await rig.world.run(600_000);
    expect(errorOf(connecting)).toMatchObject({ kind: "client", code: "AUTH_INVALID" });
    expect(errorOf(connecting).message).toContain("undefined");
    expect(rig.leaf.dials).toHaveLength(0);
    expect(rig.traced("attempt")).toHaveLength(TRIES);
    rig.expectNothingLeft();
  });

  it.each([
    [
      "an expired certificate",
      new TypeError("fetch failed", { cause: { code: "CERT_HAS_EXPIRED" } }),
    ],
    ["a page that is no JSON", new SyntaxError("Unexpected token < in JSON")],
  ])("whose service shows %s is asked again for ever", async (_name, error) => {
    const rig = new Rig({ auth: { authorize: () => Promise.reject(error) } });
    const connection = await rig.start();
    await rig.world.run(600_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connecting",
      cause: { code: "AUTH_FAILED" },
    });
    expect(connection.lifecycle.snapshot.attempts).toBeGreaterThan(TRIES);
  });

  it("that goes on refusing is unrecoverable; one that cannot reach its service is not", async () => {
    const refusing = new Rig({ auth: { authorize: () => Promise.reject(new Error("revoked")) } });
    const unreachable = new Rig({
      auth: {
        authorize: () => Promise.reject(Object.assign(new Error("x"), { code: "EAI_AGAIN" })),
      },
    });
    const [first, second] = [await refusing.start(), await unreachable.start()];
    await refusing.world.run(600_000);
    await unreachable.world.run(600_000);
    expect(first.lifecycle.snapshot).toMatchObject({ phase: "unrecoverable", attempts: TRIES });
    expect(second.lifecycle.snapshot).toMatchObject({
      phase: "connecting",
      cause: { kind: "connection" },
    });
  });
});

describe("transient failures", () => {
  it.each(["CERT_HAS_EXPIRED", "ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT"])(
    "%s is retried for ever and loud in the cause",
    async (code) => {
      const rig = new Rig({ otherwise: refuse({ code }) });
      const connection = await rig.start();
      await rig.world.run(6 * 3_600_000);
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "connecting",
        exhausted: false,
        cause: { code },
      });
      expect(
        rig
          .traced("failure")
          .every(({ verdict, error }) => verdict === "transient" && error.code === code),
      ).toBe(true);
      rig.leaf.otherwise = accept();
      await rig.world.run(30_000);
      expect(connection.lifecycle.snapshot.phase).toBe("connected");
    },
  );

  it("grow the delay to its ceiling and keep its jitter there", async () => {
    const rig = new Rig({ otherwise: refuse({ status: 500 }) });
    await rig.start();
    await rig.world.run(3_600_000);
    const late = gaps(rig.dialTimes).slice(12);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...late)).toBeLessThanOrEqual(30_000);
    expect(new Set(late.map((gap) => Math.round(gap / 1_000))).size).toBeGreaterThan(10);
  });

  it("include a server restart that refuses once", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    await rig.world.run(60_000);
    rig.leaf.enqueue(refuse({ code: "ECONNREFUSED" }));
    rig.peer.close(1012, "service restart");
    await rig.world.run(1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "resumed",
      epoch: 2,
      attempts: 3,
    });
  });

  it("include every close code, until a venue says otherwise", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const codes = [1000, 1001, 1002, 1006, 1008, 1011, 1013, 3000, 4001, 4999];
    for (const [i, code] of codes.entries()) {
      await rig.world.run(STABLE_MS);
      rig.peer.close(code, "why not");
      await rig.untilEpoch(connection, i + 2);
      expect(connection.lifecycle.snapshot.cause).toMatchObject({
        code: "PEER_CLOSED",
        close: { code, reason: "why not" },
        epoch: i + 1,
      });
    }
  });
});

describe("accept then close at once", () => {
  it("does not reset the backoff, and stays within the gate", async () => {
    const rig = new Rig({ otherwise: acceptThenClose(1000) });
    await rig.start();
    await rig.world.run(30_000);
    expect(rig.leaf.dials.length).toBeLessThanOrEqual(8);
    await rig.world.run(600_000);
    expect(gaps(rig.dialTimes).at(-1)).toBeGreaterThanOrEqual(15_000);
  });

  it("still lets each connection count: epochs, and frames that came in between", async () => {
    const rig = new Rig({
      otherwise: accept({ onAccept: (peer) => [peer.text("hello"), peer.close(1000)] }),
    });
    const connection = await rig.start();
    const reader = startReader(connection, rig.world);
    await rig.world.run(60_000);
    expect(connection.lifecycle.snapshot.epoch).toBe(rig.leaf.dials.length);
    expect(reader.frames.map(({ epoch, seq }) => ({ epoch, seq }))).toEqual(
      rig.leaf.dials.map((_, i) => ({ epoch: i + 1, seq: i + 1 })),
    );
  });

  it.each([
    { livedMs: STABLE_MS - 1, proven: false },
    { livedMs: STABLE_MS, proven: true },
  ])(
    "after $livedMs ms of life the connection has proved itself: $proven",
    async ({ livedMs, proven }) => {
      const rig = new Rig({
        script: [...Array.from({ length: 6 }, () => refuse({ status: 500 })), accept()],
      });
      const connection = await rig.up();
      await rig.world.run(livedMs);
      const lostAt = rig.now;
      rig.peer.reset();
      await rig.untilEpoch(connection, 2);
      expect((rig.dialTimes.at(-1) ?? 0) - lostAt <= 250).toBe(proven);
    },
  );
});

describe("policies", () => {
  it("are asked with the whole error and its context, and refine the default by delegation", async () => {
    const seen: { error: WsError; context: ClassifyContext }[] = [];
    const rig = new Rig({
      classify: {
        classify(error, context) {
          seen.push({ error, context });
          return error.close?.code === 4100
            ? "permanent"
            : defaultClassify.classify(error, context);
        },
      },
      config: { attempts: { permanentRetries: 0 } },
      script: [refuse({ status: 503, headers: { server: "nginx" } }), accept()],
    });
    const connection = await rig.up();
    rig.peer.close(4100);
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "unrecoverable",
      cause: { close: { code: 4100 } },
    });
    expect(seen.map(({ context }) => context)).toEqual([
      { everConnected: false, consecutiveFailures: 1 },
      { everConnected: true, consecutiveFailures: 2 },
    ]);
    expect(seen[0]?.error.headers).toEqual({ server: "nginx" });
  });

  it.each([
    {
      name: "throws",
      classify: (): never => {
        throw new Error("bug in the policy");
      },
    },
    { name: "answers nonsense", classify: () => "whatever" as "transient" },
  ])("that have a bug ($name) count as transient and are reported", async ({ classify }) => {
    const rig = new Rig({ classify: { classify }, otherwise: refuse({ status: 401 }) });
    const connection = await rig.start();
    await rig.world.run(600_000);
    expect(connection.lifecycle.snapshot.phase).toBe("connecting");
    expect(rig.traced("fault").length).toBe(rig.traced("failure").length);
    expect(rig.traced("fault")[0]).toMatchObject({ where: "classify" });
  });

  it("of maxAttempts give up voluntarily: exhausted, not unrecoverable", async () => {
    const rig = new Rig({
      config: { attempts: { maxAttempts: 5 } },
      otherwise: refuse({ code: "ECONNREFUSED" }),
    });
    const connection = await rig.start();
    const reader = startReader(connection, rig.world);
    await rig.world.run(600_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "closed",
      exhausted: true,
      attempts: 5,
      cause: { code: "ECONNREFUSED" },
    });
    expect(reader).toMatchObject({
      state: "failed",
      error: { code: "ATTEMPTS_EXHAUSTED", cause: { code: "ECONNREFUSED" } },
    });
    rig.expectNothingLeft();
  });

  it("of maxAttempts reject connect(), and start again once a connection has proved itself", async () => {
    const config = { attempts: { maxAttempts: 3 } };
    const dead = new Rig({ config, otherwise: refuse({ code: "ECONNREFUSED" }) });
    const connecting = watch(dead.connector.connect(HANDSHAKE));
    await dead.world.run(60_000);
    expect(codeOf(connecting)).toBe("ATTEMPTS_EXHAUSTED");
    const refused = refuse({ code: "ECONNREFUSED" });
    const rig = new Rig({
      config,
      script: [refused, refused, accept(), refused, refused, accept()],
    });
    const connection = await rig.up();
    await rig.world.run(STABLE_MS);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", exhausted: false });
  });
});
