import { acceptThenClose, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Rig, STABLE_MS } from "./support/rig.js";

/** The first delay drawn from the defaults lies between these. */
const LEAST_MS = 125;
const MOST_MS = 250;

describe("backoff.firstMs: 0", () => {
  it("dials at the moment in which a proven connection is lost, and waits before every further attempt", async () => {
    const rig = new Rig({ config: { backoff: { firstMs: 0 } } });
    const connection = await rig.up();
    await rig.world.run(STABLE_MS);
    rig.leaf.enqueue(refuse({ status: 503 }));
    const lostAt = rig.now;
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    const [first = 0, second = 0, ...more] = rig.dialTimes.slice(1);
    expect(first).toBe(lostAt);
    expect(second - first).toBeGreaterThanOrEqual(LEAST_MS);
    expect(second - first).toBeLessThanOrEqual(MOST_MS);
    expect(more).toEqual([]);
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
  });

  it("gives a peer that accepts and hangs up one attempt at once, and no more", async () => {
    const rig = new Rig({ config: { backoff: { firstMs: 0 } }, otherwise: acceptThenClose(1013) });
    await rig.start();
    await rig.world.run(MOST_MS);
    const waits = rig.dialTimes.slice(1).map((at, i) => at - (rig.dialTimes[i] ?? 0));
    expect(waits.filter((ms) => ms < LEAST_MS)).toHaveLength(1);
  });

  it("tries a first attempt that failed once more at once, and then waits", async () => {
    const rig = new Rig({
      config: { backoff: { firstMs: 0 } },
      script: [refuse({ status: 503 }), refuse({ status: 503 })],
    });
    await rig.start();
    await rig.world.run(MOST_MS);
    const [first = 0, second = 0, third = 0] = rig.dialTimes;
    expect(second).toBe(first);
    expect(third - second).toBeGreaterThanOrEqual(LEAST_MS);
  });

  it("stays within the gate even where every connection counts as proven", async () => {
    const rig = new Rig({
      config: { backoff: { firstMs: 0, stableAfterMs: 0 }, attempts: { max: 5, windowMs: 60_000 } },
      otherwise: acceptThenClose(1013),
    });
    await rig.start();
    await rig.world.run(59_000);
    expect(rig.dialTimes).toHaveLength(5);
  });
});
