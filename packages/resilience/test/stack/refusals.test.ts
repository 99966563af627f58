import { accept, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Rig } from "./support/rig.js";

/** `attempts.permanentRetries` and the first. */
const TRIES = 4;

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

describe("a refusal of credentials", () => {
  it("of a connection that has been up ends it after permanentForMs, and shows from the first on", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.leaf.otherwise = refuse({ status: 403 });
    rig.peer.reset();
    await rig.world.runUntil(() => connection.lifecycle.snapshot.refusedSince !== undefined);
    const { refusedSince = 0, givesUpAt } = connection.lifecycle.snapshot;
    expect(refusedSince).toBeLessThan(1_000);
    expect(givesUpAt).toBe(refusedSince + 900_000);
    await rig.world.run(800_000);
    expect(connection.lifecycle.snapshot.phase).toBe("reconnecting");
    // After the tries: one a minute.
    const slow = gaps(rig.dialTimes.slice(1 + TRIES));
    expect(Math.min(...slow)).toBeGreaterThan(59_999);
    await rig.untilPhase(connection, "unrecoverable");
    expect(rig.now).toBeGreaterThanOrEqual(refusedSince + 900_000);
    expect(rig.now).toBeLessThanOrEqual(refusedSince + 960_000);
    rig.expectNothingLeft();
  });

  it("that lasts for seconds does not end a feed that has been up", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.leaf.otherwise = refuse({ status: 403 });
    rig.peer.reset();
    await rig.world.run(10_000);
    rig.leaf.otherwise = accept();
    await rig.untilEpoch(connection, 2);
    const { refusedSince, givesUpAt } = connection.lifecycle.snapshot;
    expect([refusedSince, givesUpAt]).toEqual([undefined, undefined]);
  });
});
