import { describe, expect, it } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import { authFailure, failure } from "../support/failures.js";
import { kinds, STABLE_MS, SupervisorRig } from "../support/supervisor-rig.js";

/** The delays that it waits before each of the next attempts, all of which fail. */
function delays(rig: SupervisorRig, attempts: number): number[] {
  return Array.from({ length: attempts }, () => {
    const failedAt = rig.now;
    rig.toDial();
    const waited = rig.now - failedAt;
    rig.fail();
    return waited;
  });
}

describe("Supervisor, backoff", () => {
  it("doubles the wait from failure to failure up to the cap, for ever", () => {
    const rig = SupervisorRig.in("backoff");
    expect(delays(rig, 6)).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
    rig.draw = 0.5;
    expect(delays(rig, 3)).toEqual([4_000, 6_000, 6_000]);
  });

  it("is still trying after 10 000 failures", () => {
    const rig = SupervisorRig.in("backoff", { config: { attempts: { max: 1_000, windowMs: 1 } } });
    delays(rig, 10_000);
    expect(rig.state).toBe("backoff");
    expect(rig.snapshot.attempts).toBe(10_001);
    expect(rig.deadline).toBe(rig.now + 4_000);
  });

  it("does not start again for a connection that opens and is lost before it is stable", () => {
    const rig = SupervisorRig.in("backoff");
    delays(rig, 2);
    rig.toUp();
    rig.now += STABLE_MS - 1;
    rig.fail();
    expect(delays(rig, 1)).toEqual([4_000]);
  });

  it("starts again for one that lasted stableAfterMs", () => {
    const rig = SupervisorRig.in("backoff");
    delays(rig, 4);
    rig.toUp();
    rig.now += STABLE_MS;
    rig.fail();
    expect(delays(rig, 2)).toEqual([500, 1_000]);
  });

  it("waits also after a proven connection, so that a fleet cut off together does not come back together", () => {
    const rig = SupervisorRig.in("up");
    rig.now = STABLE_MS;
    rig.fail();
    expect(rig.deadline).toBe(rig.now + 500);
  });
});

describe("Supervisor, forceReconnect", () => {
  it("lets a live socket go with a close frame and dials again without a backoff", () => {
    const rig = SupervisorRig.in("up");
    rig.now = 7_000;
    expect(rig.force("feed is mute")).toEqual([]);
    expect(rig.snapshot).toMatchObject({ phase: "connected", downSince: undefined });
    expect(rig.deadline).toBe(7_000);
    const [letGo] = rig.due();
    expect(letGo).toMatchObject({
      kind: "letGo",
      error: { kind: "client", code: "FORCED", epoch: 1 },
    });
    expect(rig.snapshot).toMatchObject({ phase: "reconnecting", downSince: 7_000 });
    expect(rig.snapshot.cause?.message).toContain("feed is mute");
    rig.now = 7_020;
    expect(kinds(rig.step({ kind: "gone" }))).toEqual(["drop", "dial"]);
  });

  it("waits 250 ms for the peer's close, and not at all for that of a silent peer", () => {
    const rig = SupervisorRig.in("letGo");
    expect(rig.deadline).toBe(rig.now + 250);
    expect(kinds(rig.due())).toEqual(["drop", "dial"]);
    const silent = SupervisorRig.in("stale");
    silent.force();
    expect(kinds(silent.due())).toEqual(["drop", "dial"]);
    expect(silent.snapshot.cause?.code).toBe("FORCED");
  });

  it("cuts a backoff short", () => {
    const rig = SupervisorRig.in("backoff");
    expect(rig.force()).toEqual([]);
    expect(rig.deadline).toBe(rig.now);
    rig.due();
    expect(rig.deadline).toBe(rig.now);
    expect(kinds(rig.due())).toEqual(["dial"]);
  });

  it("does not hide from the next attempt why the last one failed", () => {
    const rig = SupervisorRig.in("dialing");
    const refused = authFailure();
    rig.fail(refused);
    rig.force();
    rig.due();
    // An AuthSource that sees the 401 fetches a new token; one that sees FORCED does not.
    expect(rig.due()).toMatchObject([{ kind: "dial", attempt: 2, lastError: refused }]);
  });

  it.each(["idle", "gated", "dialing", "closing", "closed", "unrecoverable"] as const)(
    "changes nothing in %s",
    (state) => {
      const rig = SupervisorRig.in(state);
      const { snapshot, deadline } = rig;
      rig.now += 1;
      expect(rig.force()).toEqual([]);
      expect(rig.state).toBe(state);
      expect(rig.snapshot).toBe(snapshot);
      expect(rig.deadline).toBe(deadline);
    },
  );

  it("coalesces: many calls make one attempt", () => {
    const rig = SupervisorRig.in("up");
    for (let i = 0; i < 5; i++) rig.force();
    rig.due();
    for (let i = 0; i < 5; i++) rig.force();
    rig.step({ kind: "gone" });
    for (let i = 0; i < 5; i++) rig.force();
    expect(rig.snapshot.attempts).toBe(2);
  });

  it("respects the gate, however often it is called", () => {
    const rig = SupervisorRig.in("up", { config: { attempts: { max: 3, windowMs: 60_000 } } });
    for (let i = 0; i < 2; i++) {
      rig.force();
      rig.due();
      rig.step({ kind: "gone" });
      rig.toUp();
    }
    expect(rig.now).toBe(0);
    rig.force();
    expect(rig.deadline).toBe(60_000);
    rig.now = 59_999;
    rig.force();
    expect(rig.deadline).toBe(60_000);
  });

  it("is no failure: neither the backoff nor the tries for permanent failures count it", () => {
    const rig = SupervisorRig.in("up", {
      config: { attempts: { permanentRetries: 0, maxAttempts: 1 } },
    });
    for (let i = 0; i < 5; i++) {
      rig.force();
      rig.toUp();
    }
    rig.now += STABLE_MS;
    rig.fail();
    expect(rig.state).toBe("backoff");
    expect(rig.deadline).toBe(rig.now + 500);
  });

  it("starts the backoff again if the socket that it dropped had proved itself", () => {
    const rig = SupervisorRig.in("backoff");
    delays(rig, 4);
    rig.toUp();
    rig.now += STABLE_MS;
    rig.force();
    rig.toDial().fail();
    expect(rig.deadline).toBe(rig.now + 500);
  });
});

describe("Supervisor, Retry-After", () => {
  const busy = (retryAfterMs: number) =>
    failure({ kind: "throttled", code: "UPGRADE_REFUSED", status: 429, retryAfterMs });

  it("is a floor for the next attempt", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(busy(60_000));
    rig.toDial();
    expect(rig.now).toBe(60_000);
  });

  it("does not shorten the backoff", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(busy(1));
    rig.toDial();
    expect(rig.now).toBe(500);
  });

  it("is a floor for forceReconnect too", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(busy(60_000));
    rig.now = 10;
    rig.force();
    rig.due();
    expect(rig.deadline).toBe(60_000);
    expect(kinds(rig.due())).toEqual(["dial"]);
  });

  it("holds for every connection to the host, also one that was about to dial", () => {
    const limits = { config: { attempts: { max: 2, windowMs: 10_000 } } };
    const first = SupervisorRig.in("dialing", limits);
    const second = SupervisorRig.in("dialing", { ...limits, gate: first.gate });
    const third = SupervisorRig.in("gated", { ...limits, gate: first.gate });
    expect(third.deadline).toBe(10_000);
    first.now = 5_000;
    first.fail(busy(60_000));
    expect(third.due()).toEqual([]);
    expect(third.state).toBe("gated");
    expect(third.deadline).toBe(65_000);
    expect(kinds(third.due())).toEqual(["dial"]);
    expect(second.state).toBe("dialing");
  });

  it("is obeyed also when it comes with the loss of a connection", () => {
    const rig = SupervisorRig.in("up");
    rig.fail(busy(60_000));
    rig.force();
    rig.due();
    expect(rig.deadline).toBe(60_000);
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, -5_000])(
    "does not wedge on a nonsensical value (%d)",
    (retryAfterMs) => {
      const rig = SupervisorRig.in("dialing");
      rig.fail(busy(retryAfterMs));
      rig.due();
      expect(rig.deadline).toBe(500);
      expect(kinds(rig.due())).toEqual(["dial"]);
    },
  );

  it("never wedges a feed for good, whatever an AuthSource or a leaf made of the header", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(busy(Number.POSITIVE_INFINITY));
    rig.due();
    expect(rig.deadline).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe("Supervisor, giving up", () => {
  it("tries permanentRetries times more after the first permanent failure, then ends with the last cause", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(authFailure());
    rig.toDial().fail(authFailure());
    const last = authFailure();
    rig.toDial();
    expect(rig.fail(last)).toEqual([{ kind: "finish", error: last }]);
    expect(rig.snapshot).toMatchObject({
      phase: "unrecoverable",
      attempts: 3,
      exhausted: false,
      cause: last,
    });
    expect(rig.deadline).toBeUndefined();
  });

  it("drops the socket first when a connection ends with a permanent failure", () => {
    const rig = SupervisorRig.in("up", {
      config: { attempts: { permanentRetries: 0 } },
      classify: { classify: () => "permanent" },
    });
    const error = failure({ code: "PEER_CLOSED", close: { code: 4_001, reason: "" } });
    rig.now = 300;
    expect(rig.fail(error)).toEqual([
      { kind: "drop", error },
      { kind: "finish", error },
    ]);
    expect(rig.snapshot).toMatchObject({ phase: "unrecoverable", downSince: 300, epoch: 1 });
  });

  it("is exhausted, not unrecoverable, after maxAttempts failures in a row, with the last one inside", () => {
    const rig = SupervisorRig.in("dialing", { config: { attempts: { maxAttempts: 2 } } });
    rig.fail();
    const last = failure({ kind: "timeout", code: "CONNECT_TIMEOUT" });
    const actions = rig.toDial().fail(last);
    expect(kinds(actions)).toEqual(["finish"]);
    expect(actions[0]).toMatchObject({
      error: { kind: "timeout", code: "ATTEMPTS_EXHAUSTED", cause: last },
    });
    expect(rig.snapshot).toMatchObject({
      phase: "closed",
      exhausted: true,
      cause: last,
      downSince: 0,
    });
  });

  it("goes by the given classify, and tells it what it needs to know", () => {
    const contexts: unknown[] = [];
    const rig = SupervisorRig.in("dialing", {
      config: { attempts: { permanentRetries: 0 } },
      classify: {
        classify(error, context) {
          contexts.push(context);
          return error.close?.code === 4_001 ? "permanent" : "transient";
        },
      },
    });
    rig.fail();
    rig.toUp().fail(failure({ code: "PEER_CLOSED", close: { code: 4_001, reason: "" } }));
    expect(rig.state).toBe("unrecoverable");
    expect(contexts).toEqual([
      { everConnected: false, consecutiveFailures: 1 },
      { everConnected: true, consecutiveFailures: 2 },
    ]);
  });

  it("goes on when classify throws, and says so", () => {
    const bug = new Error("policy bug");
    const rig = SupervisorRig.in("dialing", {
      config: { attempts: { permanentRetries: 0 } },
      classify: {
        classify() {
          throw bug;
        },
      },
    });
    rig.now = 70;
    rig.fail(authFailure());
    expect(rig.state).toBe("backoff");
    expect(rig.traces).toContainEqual({ kind: "fault", at: 70, where: "classify", error: bug });
  });
});

describe("Supervisor, the attempt gate", () => {
  it("shares the budget of a host between connections", () => {
    const gate = new AttemptGate();
    const limits = { config: { attempts: { max: 2, windowMs: 1_000 } }, gate };
    const rigs = Array.from({ length: 5 }, () => SupervisorRig.in("gated", limits));
    expect(rigs.map(({ deadline }) => deadline)).toEqual([0, 0, 1_000, 1_000, 2_000]);
    expect(SupervisorRig.in("gated", { ...limits, url: "wss://other.test/" }).deadline).toBe(0);
  });

  describe("when the timers of waiting connections are late, after a stall", () => {
    const WINDOW_MS = 1_000;

    /**
     * Six connections wait for a gate of two; none of them comes to itself before 10 000. Gives
     * when each dialled, by place.
     */
    function dialTimesAfterStall(): number[] {
      const gate = new AttemptGate();
      const limits = { config: { attempts: { max: 2, windowMs: WINDOW_MS } }, gate };
      const rigs = Array.from({ length: 6 }, () => SupervisorRig.in("gated", limits));
      for (let now = 10_000; now <= 20_000; now += 100) {
        for (const rig of rigs) {
          rig.now = now;
          for (let turns = 0; rig.state === "gated" && (rig.deadline ?? 0) <= now; turns++) {
            if (turns === 10)
              throw new Error(
                `busy loop: due at ${now}, refused, and due again at ${rig.deadline}`,
              );
            rig.step({ kind: "due" });
          }
          if (rig.state === "dialing") rig.step({ kind: "opened" });
        }
      }
      // All of them were down from 0 until they dialled.
      return rigs.map(({ snapshot }) => snapshot.totalDownMs);
    }

    it("keeps the limit all the same, and everybody gets through", () => {
      const times = dialTimesAfterStall().toSorted((a, b) => a - b);
      expect(times).toEqual([10_000, 10_000, 11_000, 11_000, 12_000, 12_000]);
    });

    it("lets no connection be overtaken that asked before", () => {
      expect(dialTimesAfterStall()).toEqual([10_000, 10_000, 11_000, 11_000, 12_000, 12_000]);
    });
  });

  it("counts an attempt from when it was made, not from when it could have been", () => {
    const rig = SupervisorRig.in("gated", { config: { attempts: { max: 1, windowMs: 1_000 } } });
    rig.now = 900;
    rig.step({ kind: "due" });
    rig.fail();
    rig.toDial();
    expect(rig.now).toBeGreaterThanOrEqual(1_900);
  });
});
