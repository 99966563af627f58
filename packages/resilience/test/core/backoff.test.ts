import { describe, expect, it } from "vitest";
import { backoffDelay } from "../../src/core/backoff.js";

const SHAPE = { firstMs: undefined, minMs: 250, maxMs: 30_000, factor: 2 };
const ALMOST_ONE = 1 - Number.EPSILON;

describe("backoffDelay", () => {
  it.each([
    [1, 125, 250],
    [2, 250, 500],
    [3, 500, 1_000],
    [7, 8_000, 16_000],
    [8, 15_000, 30_000],
    [9, 15_000, 30_000],
  ])("after %i failures lies between %i and %i ms", (failures, least, most) => {
    expect(backoffDelay(SHAPE, failures, 0)).toBe(least);
    expect(backoffDelay(SHAPE, failures, ALMOST_ONE)).toBeCloseTo(most, 6);
    expect(backoffDelay(SHAPE, failures, 0.5)).toBe((least + most) / 2);
  });

  it("still differs from client to client after 10 000 failures, when the power has long overflowed", () => {
    expect(SHAPE.factor ** 9_999).toBe(Number.POSITIVE_INFINITY);
    expect(backoffDelay(SHAPE, 10_000, 0)).toBe(15_000);
    expect(backoffDelay(SHAPE, 10_000, 0.25)).toBe(18_750);
    expect(backoffDelay(SHAPE, 10_000, ALMOST_ONE)).toBeLessThanOrEqual(30_000);
  });

  it.each([
    [1, 0, 0],
    [2, 125, 250],
    [3, 250, 500],
    [9, 15_000, 30_000],
  ])(
    "with a first delay of its own, %i failures lie between %i and %i ms",
    (failures, least, most) => {
      expect(backoffDelay({ ...SHAPE, firstMs: 0 }, failures, 0)).toBe(least);
      expect(backoffDelay({ ...SHAPE, firstMs: 0 }, failures, ALMOST_ONE)).toBeCloseTo(most, 6);
    },
  );

  it("draws the first delay from its upper half too", () => {
    expect(backoffDelay({ ...SHAPE, firstMs: 40 }, 1, 0)).toBe(20);
    expect(backoffDelay({ ...SHAPE, firstMs: 40 }, 1, ALMOST_ONE)).toBeCloseTo(40, 6);
  });

  it("does not grow with a factor of 1", () => {
    expect(backoffDelay({ ...SHAPE, factor: 1 }, 50, 0)).toBe(125);
  });
});
