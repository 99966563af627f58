import fc from "fast-check";
import { expect, it } from "vitest";
import { parseRetryAfter } from "@oath-ws/resilience";
import { FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "./support/campaign.js";

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const bounded = (delayMs: number): number => Math.min(Math.max(0, delayMs), DAY);
const settings = { numRuns: fuzzRuns(4000), seed: fuzzSeed(9110) };

/** What a header that was meant well, or almost well, may be put together from. */
const almost = fc
  .array(
    fc.constantFrom(
      "1",
      "0",
      "99999999999",
      "-",
      "+",
      ".",
      "e9",
      " ",
      "Thu",
      "Thursday",
      ",",
      "01",
      " Jan ",
      "2026",
      "26",
      "00:01:00",
      "25:61:61",
      "GMT",
      "UTC",
      "NaN",
      "Infinity",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

it(
  "any header gives nothing, or a delay",
  () => {
    fc.assert(
      fc.property(fc.oneof(almost, fc.string({ unit: "binary" }), fc.string()), (value) => {
        const delayMs = parseRetryAfter(value, undefined, NOW);
        if (delayMs === undefined) return;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(DAY);
        expect(delayMs).toBe(Math.ceil(delayMs));
        // Nothing is made of what does not begin like a number or a day.
        expect(value.trim()).toMatch(/^(-?\d|Mon|Tue|Wed|Thu|Fri|Sat|Sun)/);
      }),
      settings,
    );
  },
  FUZZ_TIMEOUT_MS,
);

it(
  "a Retry-After in seconds means what it says, with the space around it",
  () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.stringMatching(/^[ \t]{0,3}$/),
        (seconds, space) => {
          expect(parseRetryAfter(`${space}${seconds}${space}`, undefined, NOW)).toBe(
            bounded(seconds * 1000),
          );
        },
      ),
      settings,
    );
  },
  FUZZ_TIMEOUT_MS,
);

it(
  "the three forms of a date mean the same instant, whatever the time zone here",
  () => {
    const date = fc.date({
      min: new Date(Date.UTC(2000, 0, 1)),
      max: new Date(Date.UTC(2049, 11, 31)),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (at) => {
        const fixdate = at.toUTCString();
        const [day = "", dom = "", month = "", year = "", time = ""] = fixdate
          .replace(",", "")
          .split(" ");
        const expected = bounded(Math.floor(at.getTime() / 1000) * 1000 - NOW);
        expect(parseRetryAfter(fixdate, undefined, NOW)).toBe(expected);
        const asctime = `${day} ${month} ${dom.replace(/^0/, " ")} ${time} ${year}`;
        expect(parseRetryAfter(asctime, undefined, NOW)).toBe(expected);
        const long = `${{ Tue: "Tues", Wed: "Wednes", Thu: "Thurs", Sat: "Satur" }[day] ?? day}day`;
        const rfc850 = `${long}, ${dom}-${month}-${year.slice(2)} ${time} GMT`;
        expect(parseRetryAfter(rfc850, undefined, NOW)).toBe(expected);
      }),
      settings,
    );
  },
  FUZZ_TIMEOUT_MS,
);

it(
  "a number of any length takes no longer to read, and is no NaN",
  () => {
    for (const value of [
      "9".repeat(15_000),
      `${"1".repeat(8000)}.${"1".repeat(7000)}`,
      `-${"9".repeat(15_000)}`,
      `${"1".repeat(15_000)}x`,
    ]) {
      expect(parseRetryAfter(value, undefined, NOW)).not.toBeNaN();
    }
  },
  FUZZ_TIMEOUT_MS,
);
