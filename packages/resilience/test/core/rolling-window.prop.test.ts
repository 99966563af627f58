import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RollingWindow } from "../../src/core/rolling-window.js";

const step = fc.record({ gap: fc.integer({ min: 0, max: 40 }), forced: fc.boolean() });
const scenario = fc.record({
  max: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.integer({ min: 1, max: 60 }),
  steps: fc.array(step, { maxLength: 80 }),
});

function countWithin(times: readonly number[], from: number, until: number): number {
  return times.filter((at) => at >= from && at < until).length;
}

describe("RollingWindow, for any sequence of arrivals", () => {
  it("never lets more than max asking events into a window, wherever it starts", () => {
    fc.assert(
      fc.property(scenario, ({ max, windowMs, steps }) => {
        const window = new RollingWindow(max, windowMs);
        const admitted: number[] = [];
        let now = 0;
        for (const { gap } of steps) {
          now += gap;
          if (!window.isReady(now)) continue;
          window.charge(now);
          admitted.push(now);
        }
        for (const start of admitted)
          expect(countWithin(admitted, start, start + windowMs)).toBeLessThanOrEqual(max);
      }),
      { numRuns: 300 },
    );
  });

  it("is ready exactly when counting the events of the last window says so, forced ones included", () => {
    fc.assert(
      fc.property(scenario, ({ max, windowMs, steps }) => {
        const window = new RollingWindow(max, windowMs);
        const events: number[] = [];
        let now = 0;
        for (const { gap, forced } of steps) {
          now += gap;
          const free = countWithin(events, now - windowMs + 1, now + 1) < max;
          expect(window.isReady(now)).toBe(free);
          if (!free && !forced) continue;
          window.charge(now);
          events.push(now);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("names the earliest moment at which the count allows one more", () => {
    fc.assert(
      fc.property(scenario, ({ max, windowMs, steps }) => {
        const window = new RollingWindow(max, windowMs);
        const events: number[] = [];
        let now = 0;
        for (const { gap } of steps) {
          now += gap;
          window.charge(now);
          events.push(now);
          let earliest = now;
          while (countWithin(events, earliest - windowMs + 1, earliest + 1) >= max) earliest++;
          expect(Math.max(now, window.readyAt)).toBe(earliest);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("with slack is a limit over the longer window, and tells whether two more keep it", () => {
    fc.assert(
      fc.property(scenario, fc.nat({ max: 30 }), ({ max, windowMs, steps }, slackMs) => {
        const widened = new RollingWindow(max, windowMs, slackMs);
        const long = new RollingWindow(max, windowMs + slackMs);
        const events: number[] = [];
        let now = 0;
        for (const { gap, forced } of steps) {
          now += gap;
          expect(widened.readyAt).toBe(long.readyAt);
          const used = countWithin(events, now - widened.spanMs + 1, now + 1);
          expect(widened.hasTwoFree(now)).toBe(used + 2 <= max);
          if (!forced && !widened.isReady(now)) continue;
          for (const window of [widened, long]) window.charge(now);
          events.push(now);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the limit for events that happen later than they begin, however late", () => {
    const begun = fc.record({ gap: fc.integer({ min: 0, max: 40 }), ends: fc.nat({ max: 3 }) });
    const delayed = fc.record({
      max: fc.integer({ min: 1, max: 6 }),
      windowMs: fc.integer({ min: 1, max: 60 }),
      steps: fc.array(begun, { maxLength: 80 }),
    });
    fc.assert(
      fc.property(delayed, ({ max, windowMs, steps }) => {
        const window = new RollingWindow(max, windowMs);
        const happened: number[] = [];
        let now = 0;
        for (const { gap, ends } of steps) {
          now += gap;
          // So many of those that have begun happen now, and then one more begins if it may.
          for (let i = Math.min(ends, window.held); i > 0; i--) {
            window.settle(now);
            happened.push(now);
          }
          const used = countWithin(happened, now - windowMs + 1, now + 1) + window.held;
          expect(window.isReady(now)).toBe(used < max);
          expect(window.hasTwoFree(now)).toBe(used + 2 <= max);
          if (window.isReady(now)) window.hold();
        }
        for (const start of happened)
          expect(countWithin(happened, start, start + windowMs)).toBeLessThanOrEqual(max);
      }),
      { numRuns: 300 },
    );
  });
});
