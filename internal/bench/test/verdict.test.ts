import { expect, test } from "vitest";
import type { Target } from "../src/model.js";
import { ROWS } from "../src/rows.js";
import { targetText, verdictOf } from "../src/verdict.js";

const NODE_20 = { node: "20.20.2" };
const NODE_24 = { node: "24.1.0" };

function verdict(target: Target, median: number, low: number, run = NODE_20): string {
  const measured = { median, low, high: 9, interval: [low, 9] as const };
  return verdictOf({ target }, measured, run);
}

test("at least: the median and, where it is asked for, the lowest pair must reach their bounds", () => {
  const target: Target = { sense: "at least", bound: 2, low: 1.5 };
  expect(verdict(target, 2, 1.5)).toBe("met");
  expect(verdict(target, 1.99, 1.9)).toBe("MISSED");
  expect(verdict(target, 3, 1.49)).toBe("MISSED");
  expect(verdict({ sense: "at least", bound: 2 }, 2, 0.1)).toBe("met");
});

test("a lower bound for one version of Node is not asked of another", () => {
  const target: Target = { sense: "at least", bound: 1.3, low: 0.8, lowOn: [20] };
  expect(verdict(target, 1.4, 0.5, NODE_20)).toBe("MISSED");
  expect(verdict(target, 1.4, 0.5, NODE_24)).toBe("met");
  expect(targetText(target)).toBe("≥ 1.3, low ≥ 0.8 on 20");
});

test("at most is judged by the median, a difference by the low end of its interval", () => {
  expect(verdict({ sense: "at most", bound: 1.6 }, 1.6, 1)).toBe("met");
  expect(verdict({ sense: "at most", bound: 1.6 }, 1.61, 1)).toBe("MISSED");
  expect(verdict({ sense: "interval reaches", bound: 1 }, 3, 1)).toBe("met");
  expect(verdict({ sense: "interval reaches", bound: 1 }, 3, 1.01)).toBe("MISSED");
});

test("without a target or a measurement there is no verdict", () => {
  expect(verdictOf({}, { median: 1, low: 1, high: 1, interval: [1, 1] }, NODE_20)).toBe("-");
  expect(verdictOf({ target: { sense: "at most", bound: 1 } }, undefined, NODE_20)).toBe("-");
});

test("rows have names and labels of their own", () => {
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
  expect(new Set(ROWS.map(({ label }) => label)).size).toBe(ROWS.length);
});
