import { describe, expect, it } from "vitest";
import { authFailure, failure } from "../support/failures.js";
import { SupervisorRig } from "../support/supervisor-rig.js";

describe("Supervisor, trace", () => {
  it("reports each change of phase or epoch, and nothing else, as a transition between two snapshots", () => {
    const rig = SupervisorRig.in("up");
    rig.supervisor.lagged(1, 1);
    rig.now = 40;
    rig.step({ kind: "silent" });
    rig.step({ kind: "alive" });
    rig.fail();
    const transitions = rig.traces.flatMap((event) => (event.kind === "transition" ? [event] : []));
    expect(
      transitions.map(
        ({ at, from, to }) => `${at}: ${from.phase}/${from.epoch} to ${to.phase}/${to.epoch}`,
      ),
    ).toEqual([
      "0: connecting/0 to connected/1",
      "40: connected/1 to stale/1",
      "40: stale/1 to connected/1",
      "40: connected/1 to reconnecting/1",
    ]);
    expect(transitions.at(-1)?.to).toBe(rig.snapshot);
  });

  it("reports a failure with its verdict and when the next attempt is due", () => {
    const rig = SupervisorRig.in("dialing");
    rig.now = 250;
    const error = authFailure();
    rig.fail(error);
    expect(rig.traces).toContainEqual({
      kind: "failure",
      at: 250,
      epoch: 0,
      endpoint: "wss://venue.test",
      error,
      verdict: "permanent",
      retryAt: 750,
    });
  });

  it("reports the loss of a connection with its epoch", () => {
    const rig = SupervisorRig.in("up");
    rig.fail();
    expect(rig.traces.at(-1)).toMatchObject({
      kind: "failure",
      epoch: 1,
      verdict: "transient",
      retryAt: rig.deadline,
    });
  });

  it("reports no next attempt after the last failure", () => {
    const rig = SupervisorRig.in("dialing", { config: { attempts: { permanentRetries: 0 } } });
    rig.fail(authFailure());
    expect(rig.traces.at(-1)).toMatchObject({
      kind: "failure",
      verdict: "permanent",
      retryAt: undefined,
    });
  });

  it("reports no attempt before the server's Retry-After as the next one", () => {
    const rig = SupervisorRig.in("dialing");
    rig.fail(failure({ kind: "throttled", status: 503, retryAfterMs: 60_000 }));
    expect(rig.traces.at(-1)).toMatchObject({ kind: "failure", retryAt: 60_000 });
  });

  it("does not report a forced reconnect as a failure", () => {
    const rig = SupervisorRig.in("up");
    rig.force("mute");
    expect(rig.traces.map(({ kind }) => kind)).not.toContain("failure");
  });
});
