import { VirtualTimer } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ElapsedClock } from "../../src/primitives/elapsed.js";

describe("ElapsedClock", () => {
  it("counts the sleep of a machine whose monotonic clock stands still", () => {
    const timer = new VirtualTimer();
    const clock = new ElapsedClock(timer);
    const start = clock.read();
    timer.advance(1_000);
    timer.sleep(8 * 3_600_000);
    timer.advance(500);
    expect(clock.read() - start).toBe(8 * 3_600_000 + 1_500);
    expect(clock.sleptMs).toBe(8 * 3_600_000);
  });

  it("ignores a wall clock that is set back, and counts the sleep after it", () => {
    const timer = new VirtualTimer();
    const clock = new ElapsedClock(timer);
    const start = clock.read();
    timer.stepWall(-3_600_000);
    timer.advance(10);
    expect(clock.read() - start).toBe(10);
    timer.sleep(60_000);
    expect(clock.read() - start).toBe(60_010);
  });

  it("never falls, never says less than the monotonic clock, and does not add up noise", () => {
    const noise = fc.array(
      fc.record({ gap: fc.nat({ max: 50 }), off: fc.integer({ min: -5, max: 5 }) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(noise, (steps) => {
        let mono = 0;
        let off = 0;
        const clock = new ElapsedClock({ now: () => mono, wallNow: () => 1e12 + mono + off });
        let last = clock.read();
        for (const each of steps) {
          mono += each.gap;
          off = each.off;
          const reading = clock.read();
          expect(reading).toBeGreaterThanOrEqual(last);
          expect(reading).toBeGreaterThanOrEqual(mono);
          expect(reading).toBeLessThanOrEqual(mono + 5);
          last = reading;
        }
      }),
    );
  });
});
