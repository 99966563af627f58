import { describe, expect, it } from "vitest";
import { TRANSITIONS } from "../../src/core/supervisor-table.js";
import type { State } from "../../src/core/supervisor-table.js";
import type { SupervisorInput } from "../../src/core/supervisor-messages.js";
import { authFailure, failure } from "../support/failures.js";
import { kinds, SupervisorRig } from "../support/supervisor-rig.js";

const STATES = Object.keys(TRANSITIONS) as State[];

/** `exhausted` needs a limit; no other state minds a distant one. */
function rigIn(state: State): SupervisorRig {
  return SupervisorRig.in(state, { config: { attempts: { permanentRetries: 2, maxAttempts: 5 } } });
}

describe("Supervisor, the way up", () => {
  it("dials in its first slot, adopts the socket in epoch 1 and is then connected", () => {
    const rig = new SupervisorRig({ now: 100 });
    expect(rig.snapshot).toMatchObject({
      phase: "connecting",
      epoch: 0,
      attempts: 0,
      downSince: 100,
      cause: undefined,
    });
    expect(rig.step({ kind: "start" })).toEqual([]);
    expect(rig.deadline).toBe(100);
    expect(rig.step({ kind: "due" })).toEqual([
      { kind: "dial", attempt: 1, url: rig.url, lastError: undefined, isTrial: false },
    ]);
    expect(rig.deadline).toBeUndefined();
    rig.now = 180;
    expect(rig.step({ kind: "opened" })).toEqual([{ kind: "adopt", epoch: 1 }]);
    expect(rig.deadline).toBeUndefined();
    expect(rig.snapshot).toMatchObject({
      phase: "connected",
      epoch: 1,
      attempts: 1,
      downSince: undefined,
      totalDownMs: 80,
    });
  });

  it("comes back in the next epoch as resumed, with the whole outage in totalDownMs", () => {
    const rig = new SupervisorRig().toUp();
    const error = failure({ code: "SOCKET_LOST" });
    rig.now = 1_000;
    expect(rig.fail(error)).toEqual([{ kind: "drop", error }]);
    expect(rig.snapshot).toMatchObject({
      phase: "reconnecting",
      epoch: 1,
      downSince: 1_000,
      cause: error,
    });
    expect(rig.due()).toEqual([]);
    expect(rig.due()).toMatchObject([{ kind: "dial", attempt: 2, lastError: error }]);
    rig.now += 200;
    rig.fail();
    expect(rig.snapshot.downSince).toBe(1_000);
    rig.toUp();
    expect(rig.now).toBeGreaterThan(2_000);
    expect(rig.snapshot).toMatchObject({
      phase: "resumed",
      epoch: 2,
      attempts: 3,
      downSince: undefined,
      totalDownMs: rig.now - 1_000,
    });
  });

  it("adds outages up, and keeps the cause of the last one while it is up", () => {
    const rig = new SupervisorRig().toUp();
    rig.now = 100;
    rig.fail();
    rig.toUp();
    const first = rig.snapshot.totalDownMs;
    expect(first).toBe(rig.now - 100);
    const error = failure({ code: "PEER_CLOSED", close: { code: 1012, reason: "restart" } });
    const lostAt = (rig.now += 500);
    rig.fail(error);
    rig.toUp();
    expect(rig.snapshot.totalDownMs).toBe(first + rig.now - lostAt);
    expect(rig.snapshot.cause).toBe(error);
  });

  it("says connecting, not reconnecting, as long as it was never up", () => {
    const rig = SupervisorRig.in("backoff");
    expect(rig.snapshot).toMatchObject({ phase: "connecting", epoch: 0, downSince: 0 });
    rig.toDial();
    expect(rig.snapshot).toMatchObject({ phase: "connecting", attempts: 2 });
  });
});

describe("Supervisor, silence", () => {
  it("counts each time that the feed goes stale and stays up in the same epoch", () => {
    const rig = SupervisorRig.in("up");
    rig.now = 50;
    expect(rig.step({ kind: "silent" })).toEqual([]);
    expect(rig.snapshot).toMatchObject({
      phase: "stale",
      staleCount: 1,
      epoch: 1,
      downSince: undefined,
    });
    rig.step({ kind: "silent" });
    expect(rig.snapshot.staleCount).toBe(1);
    expect(rig.step({ kind: "alive" })).toEqual([]);
    expect(rig.snapshot).toMatchObject({
      phase: "connected",
      staleCount: 1,
      epoch: 1,
      totalDownMs: 0,
    });
    rig.step({ kind: "silent" });
    expect(rig.snapshot.staleCount).toBe(2);
  });

  it("goes back to resumed in a later epoch", () => {
    const rig = SupervisorRig.in("up");
    rig.fail();
    rig.toUp().step({ kind: "silent" });
    rig.step({ kind: "alive" });
    expect(rig.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
  });

  it("is down from the moment a stale socket is given up, not from when it went silent", () => {
    const rig = SupervisorRig.in("stale");
    rig.now = 15_000;
    rig.fail(failure({ kind: "timeout", code: "PEER_SILENT" }));
    expect(rig.snapshot).toMatchObject({ phase: "reconnecting", downSince: 15_000, staleCount: 1 });
  });
});

describe("Supervisor, shutdown", () => {
  it("begins the closing handshake, bounds it, and ends when it is done", () => {
    const rig = SupervisorRig.in("up");
    rig.now = 1_000;
    expect(rig.shutdown(5_000)).toEqual([{ kind: "hangUp" }]);
    expect(rig.deadline).toBe(6_000);
    expect(rig.snapshot).toMatchObject({ phase: "connected", downSince: undefined });
    rig.now = 1_020;
    expect(rig.step({ kind: "gone" })).toEqual([
      { kind: "drop", error: undefined },
      { kind: "finish", error: undefined },
    ]);
    expect(rig.snapshot).toMatchObject({
      phase: "closed",
      downSince: 1_020,
      cause: undefined,
      exhausted: false,
    });
    expect(rig.deadline).toBeUndefined();
  });

  it("drops the socket when the time for the handshake is over", () => {
    const rig = SupervisorRig.in("stale");
    rig.shutdown(0);
    expect(rig.deadline).toBe(rig.now);
    expect(kinds(rig.due())).toEqual(["drop", "finish"]);
    expect(rig.state).toBe("closed");
  });

  it("takes the loss of the socket during the handshake for its end: clean, and no failure", () => {
    const rig = SupervisorRig.in("closing");
    rig.traces.length = 0;
    expect(rig.fail()).toEqual([
      { kind: "drop", error: undefined },
      { kind: "finish", error: undefined },
    ]);
    expect(rig.snapshot).toMatchObject({ phase: "closed", cause: undefined });
    expect(rig.traces.map(({ kind }) => kind)).toEqual(["transition"]);
  });

  it.each([
    ["idle", ["finish"]],
    ["gated", ["finish"]],
    ["dialing", ["abort", "finish"]],
    ["backoff", ["finish"]],
  ] as const)("ends at once in %s", (state, expected) => {
    const rig = SupervisorRig.in(state);
    expect(kinds(rig.shutdown())).toEqual(expected);
    expect(rig.snapshot.phase).toBe("closed");
    expect(rig.deadline).toBeUndefined();
  });

  it("gives back the slot that it waited for", () => {
    const limit = { attempts: { max: 1, windowMs: 60_000 } };
    const first = SupervisorRig.in("dialing", { config: limit });
    const second = SupervisorRig.in("gated", { config: limit, gate: first.gate });
    expect(second.deadline).toBe(60_000);
    second.shutdown();
    expect(SupervisorRig.in("gated", { config: limit, gate: first.gate }).deadline).toBe(60_000);
  });

  it("keeps the cause of the outage that it ended", () => {
    const rig = SupervisorRig.in("dialing");
    const error = failure();
    rig.fail(error);
    rig.shutdown();
    expect(rig.snapshot.cause).toBe(error);
  });

  it.each(["closing", "closed", "unrecoverable", "exhausted"] as const)(
    "is ignored in %s",
    (state) => {
      const rig = rigIn(state);
      const { snapshot, deadline } = rig;
      rig.now += 100;
      expect(rig.shutdown(1)).toEqual([]);
      expect(rig.state).toBe(state);
      expect(rig.snapshot).toBe(snapshot);
      expect(rig.deadline).toBe(deadline);
    },
  );
});

describe("Supervisor, illegal inputs", () => {
  const inputs: readonly SupervisorInput[] = [
    { kind: "start" },
    { kind: "due" },
    { kind: "opened" },
    { kind: "listed", urls: ["wss://venue.test/"] },
    { kind: "trialFailed", error: failure({ retryAfterMs: 1e6 }) },
    { kind: "failed", error: failure({ retryAfterMs: 1e6 }) },
    { kind: "silent" },
    { kind: "alive" },
    { kind: "gone" },
    { kind: "granted" },
    { kind: "crash", error: failure({ code: "INTERNAL" }) },
  ];
  /** What comes from outside the connection may come at any time. */
  const always = ["granted", "crash"];
  const legal: Record<State, readonly string[]> = {
    idle: ["start"],
    resolving: ["listed", "failed"],
    gated: ["due"],
    dialing: ["opened", "failed"],
    up: ["failed", "silent", "alive"],
    stale: ["failed", "silent", "alive"],
    reserving: ["due", "failed", "silent", "alive"],
    staleReserving: ["due", "failed", "silent", "alive"],
    letGo: ["due", "failed", "gone"],
    parting: ["due", "failed", "gone"],
    backoff: ["due"],
    closing: ["due", "failed", "gone"],
    closed: [],
    unrecoverable: [],
    exhausted: [],
  };

  it.each(STATES)("are refused in %s and change nothing, the others are taken", (state) => {
    for (const input of inputs) {
      const rig = rigIn(state);
      if (always.includes(input.kind) || legal[state].includes(input.kind)) {
        expect(() => rig.step(input)).not.toThrow();
        continue;
      }
      const before = { snapshot: rig.snapshot, deadline: rig.deadline, traces: rig.traces.length };
      rig.now += 12_345;
      expect(() => rig.step(input)).toThrow(RangeError);
      expect(() => rig.step(input)).toThrow(`"${input.kind}" is illegal in state "${state}"`);
      expect(rig.state).toBe(state);
      expect(rig.snapshot).toBe(before.snapshot);
      expect(rig.deadline).toBe(before.deadline);
      expect(rig.traces).toHaveLength(before.traces);
      expect(rig.gate.blockedUntil("wss://venue.test/")).toBeLessThanOrEqual(rig.now);
    }
  });
});

describe("Supervisor, the snapshot", () => {
  it.each(STATES)("is frozen in %s", (state) => {
    expect(Object.isFrozen(rigIn(state).snapshot)).toBe(true);
  });

  it("stays the same object while nothing changes", () => {
    const rig = SupervisorRig.in("up");
    const { snapshot } = rig;
    rig.now += 1_000;
    rig.step({ kind: "alive" });
    rig.supervisor.lagged(0, 0);
    expect(rig.snapshot).toBe(snapshot);
  });

  it("is replaced, not changed, when something does", () => {
    const rig = SupervisorRig.in("up");
    const before = rig.snapshot;
    const copy = { ...before };
    rig.supervisor.lagged(3, 700);
    expect(rig.snapshot).not.toBe(before);
    expect(before).toEqual(copy);
    expect(rig.snapshot).toEqual({ ...copy, totalLagged: 3, totalLaggedBytes: 700 });
  });

  it("keeps the totals of the receive buffer over reconnects", () => {
    const rig = SupervisorRig.in("up");
    rig.supervisor.lagged(3, 700);
    rig.fail();
    rig.toUp();
    expect(rig.snapshot).toMatchObject({ epoch: 2, totalLagged: 3, totalLaggedBytes: 700 });
  });

  it("explains an effect before the effect is performed", () => {
    const rig = SupervisorRig.in("dialing");
    rig.step({ kind: "opened" });
    const transition = rig.traces.at(-1);
    expect(transition).toMatchObject({ kind: "transition", to: { phase: "connected", epoch: 1 } });
  });
});

describe("Supervisor, the epoch of an error", () => {
  it.each(["up", "stale"] as const)("is the connection's when it was %s", (state) => {
    const rig = SupervisorRig.in(state);
    const error = failure();
    rig.fail(error);
    expect(error.epoch).toBe(1);
  });

  it("is absent for a failed attempt, and left alone where a leaf set it", () => {
    const rig = SupervisorRig.in("dialing");
    const refused = authFailure();
    rig.fail(refused);
    expect(refused.epoch).toBeUndefined();
    rig.toUp();
    const known = failure({ epoch: 42 });
    rig.fail(known);
    expect(known.epoch).toBe(42);
  });

  it("does not bring down the feed when a foreign leaf's error cannot be written to", () => {
    const rig = SupervisorRig.in("up");
    const error = Object.freeze(failure());
    expect(kinds(rig.fail(error))).toEqual(["drop"]);
    expect(rig.snapshot.cause).toMatchObject({ code: error.code, epoch: 1, cause: error });
  });
});
