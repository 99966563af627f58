import { isWsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { DAY_MS, simulateDay } from "./support/day.js";
import type { Day } from "./support/day.js";

const SEED = 20_261_123;

/**
 * Everything observable of a run, one line for each thing. Errors by what they say: where they were
 * made is not part of a run.
 */
function transcript({ rig, arrived, delivered, looks }: Day): string[] {
  const plain = (_: string, value: unknown): unknown =>
    isWsError(value) ? [value.kind, value.code, value.message] : value;
  const dials = rig.leaf.dials.map(({ at, attempt, outcome, settledAt }) => ({
    at,
    attempt,
    outcome,
    settledAt,
  }));
  return [...rig.trace, ...dials, ...looks, { arrived, delivered }].map((entry) =>
    JSON.stringify(entry, plain),
  );
}

let memo: Promise<Day> | undefined;

/** The one day that several tests look at. */
function theDay(): Promise<Day> {
  return (memo ??= simulateDay(SEED));
}

describe("a day of outages", () => {
  it("accounts for every frame, every outage and every minute down, and ends clean", async () => {
    const day = await theDay();
    const { rig, connection, outages } = day;
    const total = [...outages.values()].reduce((sum, n) => sum + n, 0);
    expect(total).toBeGreaterThan(300);
    expect(outages.size).toBe(11);
    const { snapshot } = connection.lifecycle;

    // Frames: delivered or counted, and each hole in the sequence is a counted one.
    expect(day.arrived).toBeGreaterThan(40_000);
    expect(day.delivered + snapshot.totalLagged).toBe(day.arrived);
    expect(day.holes).toBe(snapshot.totalLagged);
    expect(snapshot.totalLagged).toBeGreaterThan(0);
    expect(day.outOfOrder).toBe(0);

    // Outages: every connection is an epoch, every stall and sleep was survived on the same
    // connection.
    expect(snapshot.epoch).toBe(
      rig.leaf.dials.filter(({ outcome }) => outcome === "accepted").length,
    );
    const lost = rig.traced("failure").filter(({ epoch, error }) => error.epoch === epoch).length;
    expect(snapshot.epoch).toBe(lost + 1);
    expect(snapshot.attempts).toBe(rig.leaf.dials.length);
    expect(rig.traced("stall").filter(({ slept }) => !slept)).toHaveLength(
      outages.get("stall") ?? 0,
    );
    expect(rig.traced("stall").filter(({ slept }) => slept)).toHaveLength(
      outages.get("sleep") ?? 0,
    );
    expect(snapshot.staleCount).toBe(
      (outages.get("halfOpen") ?? 0) + (outages.get("blackHole") ?? 0),
    );
    expect(snapshot).toMatchObject({ phase: "closed", exhausted: false });

    // Time: down plus up is the day.
    let upMs = 0;
    let upSince = 0;
    for (const { at, from, to } of rig.traced("transition")) {
      if (from.downSince !== undefined && to.downSince === undefined) upSince = at;
      if (from.downSince === undefined && to.downSince !== undefined) upMs += at - upSince;
    }
    expect(upMs + snapshot.totalDownMs).toBeCloseTo(rig.now, 3);
    expect(rig.now).toBeGreaterThanOrEqual(DAY_MS);
    // A connection that comes back by itself is down for a small part of the day, outages every
    // three minutes notwithstanding.
    expect(snapshot.totalDownMs / rig.now).toBeLessThan(0.1);

    expect(rig.leaf.maxOpenSockets).toBe(1);
    rig.expectNothingLeft();
  });

  it("never makes more attempts than the gate allows, nor one before a Retry-After is over", async () => {
    const { rig } = await theDay();
    const times = rig.traced("attempt").map((event) => rig.elapsedAt(event));
    expect(times).toHaveLength(rig.dialTimes.length);
    for (const [i, at] of times.entries())
      expect(times[i + 20] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at + 60_000 - 1e-6);
    const penalties = rig.traced("failure").filter(({ error }) => error.retryAfterMs !== undefined);
    expect(penalties.length).toBeGreaterThan(30);
    for (const penalty of penalties) {
      const at = rig.elapsedAt(penalty);
      const until = at + (penalty.error.retryAfterMs ?? 0);
      expect(times.filter((time) => time > at && time < until - 1e-6)).toEqual([]);
    }
  });

  it("shows a watcher who looks every ten minutes every single break in the numbers", async () => {
    const { rig, looks } = await theDay();
    expect(looks.length).toBeGreaterThan(140);
    const between = looks.map(({ epoch, staleCount }, i) => ({
      epochs: epoch - (looks[i - 1]?.epoch ?? 0),
      stales: staleCount - (looks[i - 1]?.staleCount ?? 0),
    }));
    const transitions = rig.traced("transition");
    expect(between.reduce((sum, { epochs }) => sum + epochs, 0)).toBe(
      transitions.filter(({ from, to }) => to.epoch > from.epoch).length,
    );
    expect(between.reduce((sum, { stales }) => sum + stales, 0)).toBe(
      transitions.filter(({ to }) => to.phase === "stale").length,
    );
    expect(Math.max(...between.map(({ epochs }) => epochs))).toBeGreaterThan(3);
  });

  it("is the same day again from the same seed, and another one from another", async () => {
    const [first, again, other] = [
      transcript(await theDay()),
      transcript(await simulateDay(SEED)),
      transcript(await simulateDay(SEED + 1)),
    ];
    expect(again.length).toBe(first.length);
    expect(again.find((line, i) => line !== first[i])).toBeUndefined();
    expect(other.find((line, i) => line !== first[i])).toBeDefined();
    expect(first.length).toBeGreaterThan(1_000);
  });
});
