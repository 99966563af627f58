import { VirtualTimer } from "@oath-ws/testing";
import { ElapsedClock } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("ElapsedClock", () => {
  it("counts sleep, and not what the wall clock was set back before it", () => {
    const timer = new VirtualTimer();
    const clock = new ElapsedClock(timer);
    const start = clock.read();
    timer.stepWall(-3_600_000);
    timer.advance(1_000);
    expect(clock.read() - start).toBe(1_000);
    timer.sleep(600_000);
    timer.advance(500);
    expect(clock.read() - start).toBe(601_500);
  });

  it("never falls, and does not add up the noise of the wall clock", () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 50 }), fc.integer({ min: -5, max: 5 })));
    fc.assert(
      fc.property(steps, (noise) => {
        let [monotonic, off] = [0, 0];
        const timer = { now: () => monotonic, wallNow: () => 1e12 + monotonic + off };
        const clock = new ElapsedClock(timer);
        let last = clock.read();
        for (const [ms, next] of noise) {
          monotonic += ms;
          off = next;
          const reading = clock.read();
          expect(reading).toBeGreaterThanOrEqual(Math.max(last, monotonic));
          expect(reading).toBeLessThanOrEqual(monotonic + 5);
          last = reading;
        }
      }),
    );
  });
});
