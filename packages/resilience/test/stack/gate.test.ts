import { inspect } from "node:util";
import { isConfigError } from "@oath-ws/contract";
import { AttemptGate, stack } from "@oath-ws/resilience";
import { accept, acceptThenClose, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { HANDSHAKE, Rig } from "./support/rig.js";

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

describe("a gate's key function", () => {
  it.each([
    [
      "throws",
      (): never => {
        throw new TypeError("canary");
      },
      "threw TypeError",
    ],
    ["gives no string", () => undefined as unknown as string, "gave undefined"],
    ["gives a promise", () => Promise.resolve("x") as unknown as string, "gave object"],
  ])("that %s rejects connect() at once, naming gate.key", async (_name, key, why) => {
    const rig = new Rig({ gate: new AttemptGate({ key }) });
    for (const awaitFirst of [true, false]) {
      const error = await rig.connector
        .connect({ ...HANDSHAKE, url: "wss://v.example/?token=canary" }, { awaitFirst })
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      expect(isConfigError(error) && error.issues).toEqual([
        { path: "gate.key", message: expect.stringContaining(why) as unknown },
      ]);
      expect(inspect(error)).not.toContain("canary");
    }
    expect(rig.leaf.dials).toHaveLength(0);
    rig.expectNothingLeft();
  });

  it("that throws only later wedges nothing: the host stands in", async () => {
    let calls = 0;
    const gate = new AttemptGate({
      key: () => {
        if (++calls > 4) throw new Error("later");
        return "venue";
      },
    });
    const rig = new Rig({
      gate,
      script: [accept(), refuse({ status: 429, retryAfterMs: 60_000 })],
    });
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes[2]).toBeGreaterThanOrEqual(60_000);
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
  });
});

describe("a gate that lacks a method", () => {
  const METHODS = [
    "keyFault",
    "reserve",
    "hold",
    "claim",
    "raise",
    "release",
    "block",
    "blockedUntil",
  ] as const;

  it.each(METHODS)("(%s) is refused when it is given", (method) => {
    const gate = new AttemptGate();
    const lacking = Object.fromEntries(
      METHODS.filter((name) => name !== method).map((name) => [name, gate[name].bind(gate)]),
    );
    let issues: unknown;
    try {
      void new Rig({ gate: lacking as never });
    } catch (error) {
      issues = isConfigError(error) && error.issues;
    }
    expect(issues).toEqual([{ path: "gate", message: `must have a method ${method}()` }]);
  });
});

describe("the attempt gate", () => {
  it("holds in every rolling window, over every connection that shares it", async () => {
    const rig = new Rig({
      // None of them ever stood, so a quarter is kept for connections that did.
      config: { attempts: { max: 6, windowMs: 60_000 } },
      otherwise: acceptThenClose(1013),
    });
    const connections = [await rig.start(), await rig.start(), await rig.start()];
    for (let i = 0; i < 600; i++) {
      connections[i % 3]?.trigger.forceReconnect();
      await rig.world.run(1_000);
    }
    const times = rig.dialTimes;
    expect(
      Math.max(
        ...times.map((start) => times.filter((at) => at >= start && at < start + 60_000).length),
      ),
    ).toBe(5);
    expect(times.length).toBeGreaterThanOrEqual(50);
    // None of them starves.
    expect(
      Math.min(...connections.map(({ lifecycle }) => lifecycle.snapshot.attempts)),
    ).toBeGreaterThanOrEqual(10);
  });

  it("holds also when the event loop was blocked while an attempt waited for its slot", async () => {
    const rig = new Rig({
      config: { attempts: { max: 1, windowMs: 60_000 } },
      otherwise: refuse({ code: "ECONNREFUSED" }),
    });
    await rig.start();
    await rig.world.run(30_000);
    await rig.world.stall(89_000);
    await rig.world.run(120_000);
    const times = rig.dialTimes;
    expect(times.length).toBeGreaterThan(2);
    expect(Math.min(...gaps(times))).toBeGreaterThanOrEqual(60_000);
  });
});

it("a stack names each platform seam that it was not given, or that lacks a method", () => {
  const issuesOf = (options: unknown): unknown => {
    try {
      stack(options as never);
    } catch (error) {
      return isConfigError(error) && error.issues;
    }
    return "accepted";
  };
  expect(issuesOf({})).toEqual(
    ["leaf", "timer", "spawn", "random", "newId"].map((path) => ({ path, message: "is required" })),
  );
  const timer = { now: () => 0, wallNow: () => 0, schedule: () => () => undefined, sleptMs: 1 };
  expect(issuesOf({ leaf: {}, timer, spawn: {}, random: {}, newId: "id" })).toEqual([
    { path: "newId", message: "must be a function" },
    { path: "leaf", message: "must have a method connect()" },
    { path: "spawn", message: "must have a method spawn()" },
    { path: "random", message: "must have a method next()" },
    { path: "timer", message: "sleptMs must be a method, or absent" },
  ]);
});
