import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay } from "../../src/core/backoff.js";

const shape = fc
  .record({
    minMs: fc.double({ min: 1, max: 10_000, noNaN: true }),
    extraMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
    /** Of `minMs`; 1 and a missing one are the same but for the place. */
    firstPart: fc.option(fc.double({ min: 0.001, max: 1, noNaN: true }), { nil: undefined }),
  })
  .map(({ minMs, extraMs, factor, firstPart }) => ({
    firstMs: firstPart && minMs * firstPart,
    minMs,
    maxMs: minMs + extraMs,
    factor,
  }));
const failures = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffDelay, for any valid shape", () => {
  it("is finite, at least half the smallest ceiling and at most the largest", () => {
    fc.assert(
      fc.property(shape, failures, random, (given, count, draw) => {
        const delay = backoffDelay(given, count, draw);
        expect(delay).toBeGreaterThanOrEqual((given.firstMs ?? given.minMs) / 2);
        expect(delay).toBeLessThanOrEqual(given.maxMs);
      }),
      { numRuns: 500 },
    );
  });

  it("never shrinks from one failure to the next for the same draw", () => {
    fc.assert(
      fc.property(shape, failures, random, (given, count, draw) => {
        expect(backoffDelay(given, count + 1, draw)).toBeGreaterThanOrEqual(
          backoffDelay(given, count, draw),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("spreads over half of its ceiling, at the cap as below it", () => {
    fc.assert(
      fc.property(shape, failures, (given, count) => {
        const least = backoffDelay(given, count, 0);
        const middle = backoffDelay(given, count, 0.5);
        expect(middle / least).toBeCloseTo(1.5, 9);
      }),
      { numRuns: 300 },
    );
  });
});
