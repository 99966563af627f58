import { ConfigError } from "@oath-ws/contract";
import { RollingLimit } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("RollingLimit", () => {
  it("lets no window take more than its weight, and waits no longer than it must", () => {
    const asked = fc.array(
      fc.record({ afterMs: fc.nat(400), weight: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(asked, (steps) => {
        const limit = new RollingLimit({ max: 10, windowMs: 1_000 });
        const spent: { readonly at: number; readonly weight: number }[] = [];
        const usedAt = (at: number): number =>
          spent.reduce((sum, one) => (one.at > at - 1_000 ? sum + one.weight : sum), 0);
        let now = 0;
        for (const { afterMs, weight } of steps) {
          now += afterMs;
          const waitMs = limit.waitMs(now, weight);
          if (waitMs > 0) expect(usedAt(now + waitMs - 1) + weight).toBeGreaterThan(10);
          now += waitMs;
          limit.spend(now, weight);
          spent.push({ at: now, weight });
          expect(usedAt(now)).toBeLessThanOrEqual(10);
          expect(limit.used(now)).toBe(usedAt(now));
        }
      }),
    );
  });

  it("counts what is held as if it left now, and from when it left", () => {
    const limit = new RollingLimit({ max: 2, windowMs: 1_000 });
    limit.hold();
    limit.hold();
    expect([limit.waitMs(0), limit.waitMs(7_000), limit.used(7_000)]).toEqual([1_000, 1_000, 2]);
    limit.left(7_000);
    expect(limit.waitMs(7_500)).toBe(500);
    limit.left(7_600);
    expect([limit.waitMs(7_600), limit.used(8_000)]).toEqual([400, 1]);
  });

  it("lets through what is more than the whole limit when nothing else was spent", () => {
    const limit = new RollingLimit({ max: 10, windowMs: 1_000 });
    expect(limit.waitMs(0, 50)).toBe(0);
    limit.spend(0, 50);
    expect([limit.waitMs(0), limit.waitMs(0, 50)]).toEqual([1_000, 1_000]);
  });

  it("blocks for longer after each refusal in a row, and counts one excess once", () => {
    const limit = new RollingLimit({ max: 10, windowMs: 1_000 });
    limit.refused(0);
    limit.refused(1);
    expect(limit.waitMs(1)).toBe(999);
    limit.refused(1_000);
    expect(limit.blockedForMs(1_000)).toBe(2_000);
    limit.refused(1_500, 5_000);
    expect(limit.blockedForMs(1_500)).toBe(5_000);
    limit.accepted();
    limit.refused(10_000, 100);
    expect(limit.blockedForMs(10_000)).toBe(1_000);
    limit.block(10_000, 500);
    expect(limit.blockedForMs(10_000)).toBe(1_000);
  });

  it.each([
    { max: 0, windowMs: 1 },
    { max: 1, windowMs: 0 },
  ])("refuses %j", (options) => {
    expect(() => new RollingLimit(options)).toThrow(ConfigError);
  });
});
