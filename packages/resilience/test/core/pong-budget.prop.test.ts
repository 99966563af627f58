import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PongBudget } from "../../src/core/pong-budget.js";
import { RollingWindow } from "../../src/core/rolling-window.js";

const scenario = fc.record({
  max: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.integer({ min: 1, max: 40 }),
  slackMs: fc.integer({ min: 0, max: 10 }),
  /** How many milliseconds lie between two pings, again and again. */
  gaps: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 8 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** A peer that pings, and a caller that always has a frame to send, for 300 virtual ms. */
function play({ max, windowMs, slackMs, gaps }: Scenario): {
  pongs: number[];
  sends: number[];
} {
  const window = new RollingWindow(max, windowMs, slackMs);
  const budget = new PongBudget(max, windowMs, window);
  const pongs: number[] = [];
  const sends: number[] = [];
  let ping = false;
  let pingAt = 0;
  let next = 0;
  for (let now = 0; now < 300; now++) {
    while (pingAt <= now && next < 3_000) {
      ping = true;
      pingAt += gaps[next++ % gaps.length] ?? 1;
    }
    if (ping && now >= budget.readyAt) {
      ping = false;
      budget.charge(now);
      window.charge(now);
      pongs.push(now);
    }
    while (window.isReady(now)) {
      window.charge(now);
      sends.push(now);
    }
  }
  return { pongs, sends };
}

function busiest(times: readonly number[], spanMs: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + spanMs).length),
  );
}

describe("PongBudget, for any rhythm of pings", () => {
  it("lets at most max - 1 pongs into a window", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { pongs } = play(given);
        const spanMs = given.windowMs + given.slackMs;
        expect(busiest(pongs, spanMs)).toBeLessThanOrEqual(Math.max(1, given.max - 1));
      }),
      { numRuns: 300 },
    );
  });

  it("never keeps a send back for longer than a window, two with a limit of one", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { sends } = play(given);
        const bound = (given.windowMs + given.slackMs) * (given.max === 1 ? 2 : 1);
        const marks = [0, ...sends, 299];
        for (const [i, at] of sends.entries())
          expect(at - (marks[i] ?? 0)).toBeLessThanOrEqual(bound);
        expect(299 - (sends.at(-1) ?? 0)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 300 },
    );
  });

  it("answers the newest ping within a window, two with a limit of one", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { pongs } = play(given);
        const bound = (given.windowMs + given.slackMs) * (given.max === 1 ? 2 : 1);
        const longestGap = Math.max(1, ...given.gaps);
        for (const [i, at] of pongs.entries())
          expect(at - (pongs[i - 1] ?? 0)).toBeLessThanOrEqual(bound + longestGap);
      }),
      { numRuns: 300 },
    );
  });
});
