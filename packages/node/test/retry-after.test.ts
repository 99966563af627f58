import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../src/retry-after.js";

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

describe("parseRetryAfter", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7000],
    ["1.5", 1500],
    ["-3", 0],
    ["86400", DAY],
    ["999999999999", 999_999_999_999_000],
    ["Mon, 23 Nov 2026 12:00:30 GMT", 30_000],
    ["Monday, 23-Nov-26 12:00:30 GMT", 30_000],
    ["Mon Nov 23 12:00:30 2026", 30_000],
    ["Sun Nov  1 12:00:30 2026", 0],
    ["Mon, 23 Nov 2026 11:59:30 GMT", 0],
    ["Mon, 23 Nov 2037 12:00:30 GMT", Date.parse("2037-11-23T12:00:30Z") - NOW],
  ])("%j is %d ms", (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });

  it.each([
    [undefined],
    [""],
    ["soon"],
    ["1e3"],
    ["0x10"],
    ["Infinity"],
    ["NaN"],
    ["2026-11-23T12:00:30Z"],
    ["Mon, 99 Foo 2026 12:00:30 GMT"],
    ["Mon, 23 Nov 2026 12:00:30"],
  ])("%j means nothing", (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
  });
});
