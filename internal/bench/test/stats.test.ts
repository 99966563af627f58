import { expect, test } from "vitest";
import { compared, spreadOf } from "../src/stats.js";
import { aResult } from "./support/a-run.js";

test("the interval of a median leaves out as many values as 95 % confidence allows", () => {
  // Tables of order statistics: 10 values give the 2nd and the 9th, 15 the 4th and the 12th.
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
  expect(spreadOf(upTo(10))?.interval).toEqual([2, 9]);
  expect(spreadOf(upTo(15).toReversed())?.interval).toEqual([4, 12]);
  expect(spreadOf(upTo(8))?.interval).toEqual([1, 8]);
  expect(spreadOf(upTo(6))?.interval).toEqual([1, 6]);
  // Too few for any: the whole range.
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, interval: [1, 3] });
  expect(spreadOf([5])).toEqual({ median: 5, low: 5, high: 5, interval: [5, 5] });
  expect(spreadOf([])).toBeUndefined();
});

test("an interval holds the median in about 95 of 100 samples", () => {
  // A linear congruential generator: the same samples in every run.
  let state = 7;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  let within = 0;
  for (let sample = 0; sample < 2_000; sample++) {
    const found = spreadOf(Array.from({ length: 12 }, () => random() ** 3));
    // The median of the cube of a uniform number.
    if (found !== undefined && found.interval[0] <= 0.125 && found.interval[1] >= 0.125) within++;
  }
  expect(within).toBeGreaterThan(1_880);
  // Not simply the whole range, which would hold it nearly always.
  expect(within).toBeLessThan(1_970);
});

test("a row is compared within its pairs, so that a machine that slows down changes nothing", () => {
  const pairs = [100, 50, 25].map((speed): [number, number] => [speed, speed * 2]);
  const slowing = { ...aResult("a", []), pairs };
  expect(compared({ compare: "ratio" }, slowing)).toMatchObject({ median: 2, low: 2, high: 2 });
  expect(compared({ compare: "difference" }, slowing)).toMatchObject({ median: 50, low: 25 });
  expect(compared({ compare: "ratio" }, undefined)).toBeUndefined();
  const absent = { id: "a", absent: "no bun", expected: true };
  expect(compared({ compare: "ratio" }, absent)).toBeUndefined();
});
