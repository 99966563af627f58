import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WriteWatch } from "../../src/core/write-watch.js";

const STALL_MS = 100;

/** A step: time passes, bytes are written, bytes leave, and perhaps the caller looks. */
const step = fc.record({
  gap: fc.integer({ min: 0, max: 60 }),
  written: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 })),
  taken: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 80 })),
  rung: fc.boolean(),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Run {
  readonly now: number;
  readonly held: number;
  readonly verdict: string;
  readonly deadline: number | undefined;
  /** When bytes left last, or were first held. */
  readonly progressAt: number;
}

/** Drives a watch as the actor does: it looks in each turn, and ticks when the timer fired. */
function drive(watch: WriteWatch, steps: readonly Step[]): Run[] {
  const runs: Run[] = [];
  let now = 0;
  let held = 0;
  let left = 0;
  let progressAt = 0;
  for (const { gap, written, taken, rung } of steps) {
    now += gap;
    if (held === 0 && written > 0) progressAt = now;
    held += written;
    const leaves = Math.min(held, taken);
    if (leaves > 0) {
      held -= leaves;
      left++;
      progressAt = now;
    }
    watch.look(now, held, left);
    const verdict = rung ? watch.tick(now) : "none";
    runs.push({ now, held, verdict, progressAt, deadline: watch.nextDeadline });
    if (verdict === "stalled") return runs;
  }
  return runs;
}

describe("WriteWatch, for any traffic", () => {
  it("tells a stall only when bytes are held of which none left for writeStallMs", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        for (const { now, held, verdict, progressAt } of drive(new WriteWatch(STALL_MS), steps)) {
          if (verdict !== "stalled") continue;
          expect(held).toBeGreaterThan(0);
          expect(now - progressAt).toBeGreaterThanOrEqual(STALL_MS);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("tells a stall in the second tick after its deadline; the first asks to poll", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const runs = drive(new WriteWatch(STALL_MS), steps);
        let overdue = 0;
        for (const [i, { now, held, verdict, progressAt }] of runs.entries()) {
          if (held === 0 || now - progressAt < STALL_MS) {
            overdue = 0;
            continue;
          }
          if (steps[i]?.rung !== true) continue;
          overdue++;
          expect(verdict).toBe(overdue === 1 ? "confirm" : "stalled");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("wants no tick while nothing is held, and otherwise one within writeStallMs", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        for (const { now, held, deadline } of drive(new WriteWatch(STALL_MS), steps)) {
          if (held === 0) expect(deadline).toBeUndefined();
          else expect(deadline).toBeLessThanOrEqual(now + STALL_MS);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never tells one when it is off", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const watch = new WriteWatch(false);
        expect(drive(watch, steps).every(({ verdict }) => verdict === "none")).toBe(true);
        expect(watch.nextDeadline).toBeUndefined();
      }),
    );
  });
});

describe("WriteWatch", () => {
  it("takes one byte for progress, and bytes that are added for none", () => {
    const watch = new WriteWatch(STALL_MS);
    watch.look(0, 1_000, 0);
    watch.look(90, 999, 0);
    watch.look(150, 5_000, 0);
    expect(watch.nextDeadline).toBe(190);
    expect(watch.tick(189)).toBe("none");
    expect(watch.tick(190)).toBe("confirm");
    watch.look(191, 998, 0);
    expect(watch.tick(191)).toBe("none");
    expect(watch.nextDeadline).toBe(291);
  });

  it("takes frames that left for progress even if as many bytes were added", () => {
    const watch = new WriteWatch(STALL_MS);
    watch.look(0, 1_000, 4);
    watch.look(99, 1_000, 5);
    expect(watch.tick(150)).toBe("none");
  });

  it("forgets the former socket", () => {
    const watch = new WriteWatch(STALL_MS);
    watch.look(0, 10, 0);
    watch.open();
    expect(watch.nextDeadline).toBeUndefined();
    watch.look(500, 10, 0);
    expect(watch.nextDeadline).toBe(600);
  });
});
