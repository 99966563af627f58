import { afterEach, describe, expect, it } from "vitest";
import {
  boundedRetryAfter,
  MAX_RETRY_AFTER_MS,
  parseRetryAfter,
} from "../../src/primitives/retry-after.js";

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
    ["86401", DAY],
    ["99999999999", DAY],
    ["9".repeat(400), DAY],
    ["Mon, 23 Nov 2026 12:00:30 GMT", 30_000],
    ["Monday, 23-Nov-26 12:00:30 GMT", 30_000],
    ["Mon Nov 23 12:00:30 2026", 30_000],
    ["Sun Nov  1 12:00:30 2026", 0],
    ["Mon, 23 Nov 2026 11:59:30 GMT", 0],
    ["Mon, 23 Nov 2037 12:00:30 GMT", DAY],
    ["Wed, 21 Oct 2099 07:28:00 GMT", DAY],
  ])("%j is %d ms", (value, expected) => {
    expect(parseRetryAfter(value, undefined, NOW)).toBe(expected);
  });

  it.each([
    [undefined],
    [""],
    ["soon"],
    ["1e3"],
    ["1e300"],
    ["0x10"],
    ["Infinity"],
    ["NaN"],
    ["2026-11-23T12:00:30Z"],
    ["Mon, 99 Foo 2026 12:00:30 GMT"],
    ["Mon, 23 Nov 2026 12:00:30"],
  ])("%j means nothing", (value) => {
    expect(parseRetryAfter(value, undefined, NOW)).toBeUndefined();
  });

  it.each([
    ["ahead of us", "Mon, 23 Nov 2026 12:01:30 GMT", "Mon, 23 Nov 2026 12:01:33 GMT"],
    ["behind us", "Mon, 23 Nov 2026 11:58:30 GMT", "Mon, 23 Nov 2026 11:58:33 GMT"],
    ["ahead of us by years", " Mon, 23 Nov 2037 11:58:30 GMT ", "Mon, 23 Nov 2037 11:58:33 GMT"],
    ["told in the asctime form", "Mon Nov 23 11:58:30 2026", "Monday, 23-Nov-26 11:58:33 GMT"],
  ])("reads a date by the server's clock when that is %s", (_, answeredAt, value) => {
    expect(parseRetryAfter(value, answeredAt, NOW)).toBe(3_000);
  });

  it.each(["", "now", "Mon, 99 Foo 2026 12:00:30 GMT"])(
    "reads a date by our clock when the answer's Date is %j",
    (answeredAt) => {
      expect(parseRetryAfter("Mon, 23 Nov 2026 12:00:03 GMT", answeredAt, NOW)).toBe(3_000);
    },
  );

  it("reads seconds by no clock at all", () => {
    expect(parseRetryAfter("3", "Mon, 23 Nov 2037 11:58:30 GMT", NOW)).toBe(3_000);
  });
});

describe("in a time zone far from UTC", () => {
  const before = process.env["TZ"];
  afterEach(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });

  it.each(["Pacific/Kiritimati", "America/Los_Angeles"])(
    "every form of a date is UTC: %s",
    (zone) => {
      process.env["TZ"] = zone;
      // Otherwise this test would notice nothing.
      expect(new Date(NOW).getTimezoneOffset()).not.toBe(0);
      for (const value of [
        "Mon Nov 23 12:00:30 2026",
        "Mon, 23 Nov 2026 12:00:30 GMT",
        "Monday, 23-Nov-26 12:00:30 GMT",
      ]) {
        expect(parseRetryAfter(value, undefined, NOW)).toBe(30_000);
        expect(parseRetryAfter("Mon, 23 Nov 2026 12:01:00 GMT", value, NOW)).toBe(30_000);
      }
    },
  );
});

describe("boundedRetryAfter", () => {
  it.each([
    [-1, 0],
    [0, 0],
    [0.1, 1],
    [DAY, DAY],
    [DAY + 1, DAY],
    [Number.POSITIVE_INFINITY, DAY],
    [Number.NEGATIVE_INFINITY, 0],
    [Number.NaN, undefined],
  ])("%d ms is %s", (delayMs, expected) => {
    expect(boundedRetryAfter(delayMs)).toBe(expected);
  });

  it("allows a day", () => {
    expect(MAX_RETRY_AFTER_MS).toBe(DAY);
  });
});
