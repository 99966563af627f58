import { expect, test } from "vitest";
import type { Timed } from "../src/protocol.js";
import type { Measured } from "../src/rounds.js";
import { missed, overBase, overFastest, verdict } from "../src/verdict.js";

/** A row that had one repeat at this rate, next to a base row at 100 frames a second. */
function cell<Row extends string>(row: Row, rate: number): Measured<Row, Timed> {
  const timed = (perSecond: number): Timed => ({
    frames: perSecond,
    elapsedMs: 1_000,
    cpuUs: 1_000,
    loopMs: 1_000,
    loopShare: 1,
  });
  return { row, repeats: [timed(rate)], beside: [timed(100)], failure: undefined };
}

test("what is just enough meets a target, what is just short misses it, and nothing measured is neither", () => {
  const judged = [95, 94.9].map((rate) => overBase("receive", "", cell("take", rate), 0.95));
  expect(judged.map((found) => found.verdict)).toEqual(["met", "MISS"]);
  expect(missed(judged)).toBe(1);
  expect(overBase("receive", "", undefined, 0.95).verdict).toBe("not measured");
});

test("others are beaten when the fastest of them is", () => {
  const labels = { slow: "slow", fast: "fast" };
  const others: Measured<keyof typeof labels, Timed>[] = [cell("slow", 50), cell("fast", 80)];
  const judge = (rate: number) =>
    overFastest("receive", "ours", cell("take", rate), others, labels);
  expect(judge(81)).toMatchObject({ verdict: "met", target: "ours / fastest other, fast" });
  expect(judge(80).verdict).toBe("MISS");
});

test("an upper bound is met by what equals it", () => {
  const at = (median: number) =>
    verdict({
      part: "latency",
      target: "",
      measured: { median, low: median, high: median },
      bound: 5,
      sense: "at most",
      unit: "us",
    });
  expect([4, 5, 5.1].map((value) => at(value).verdict)).toEqual(["met", "met", "MISS"]);
});
