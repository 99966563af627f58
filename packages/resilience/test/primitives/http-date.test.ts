import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHttpDate } from "../../src/primitives/http-date.js";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

/** The same instant in every form, as any server writes it. */
function forms(at: Date): {
  readonly imf: string;
  readonly rfc850: string;
  readonly asctime: string;
} {
  const imf = at.toUTCString();
  const [day = "", date = "", month = "", year = "", time = ""] = imf.replace(",", "").split(" ");
  const long = `${{ Tue: "Tues", Wed: "Wednes", Thu: "Thurs", Sat: "Satur" }[day] ?? day}day`;
  const rfc850 = `${long}, ${date}-${month}-${year.slice(2)} ${time} GMT`;
  return { imf, rfc850, asctime: `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}` };
}

const dateBetween = (min: number, max: number): fc.Arbitrary<Date> =>
  fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true });
const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000) * 1_000;

describe("parseHttpDate", () => {
  it("reads every instant of a year of four digits as the platform wrote it", () => {
    fc.assert(
      fc.property(dateBetween(Date.UTC(1583, 0, 1), Date.UTC(9999, 11, 31)), (at) => {
        const { imf, asctime } = forms(at);
        expect(parseHttpDate(imf, NOW)).toBe(seconds(at));
        expect(parseHttpDate(asctime, NOW)).toBe(seconds(at));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes a year of two digits for the one that is less than 50 years ahead", () => {
    fc.assert(
      fc.property(dateBetween(Date.UTC(1977, 0, 1), Date.UTC(2076, 10, 22)), (at) => {
        expect(parseHttpDate(forms(at).rfc850, NOW)).toBe(seconds(at));
      }),
      { numRuns: 500 },
    );
    expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", NOW)).toBe(784_111_777_000);
  });

  it("counts a leap second as one more", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).toBe(Date.UTC(2017, 0, 1));
  });

  it.each([
    ["Mon, 29 Feb 2027 00:00:00 GMT"],
    ["Mon, 29 Feb 2100 00:00:00 GMT"],
    ["Mon, 31 Apr 2026 00:00:00 GMT"],
    ["Mon, 32 Dec 2026 00:00:00 GMT"],
    ["Mon, 00 Jan 2026 00:00:00 GMT"],
    ["Mon, 01 Foo 2026 00:00:00 GMT"],
    ["Mon, 01 Jan 2026 24:00:00 GMT"],
    ["Mon, 01 Jan 2026 00:60:00 GMT"],
    ["Mon, 01 Jan 2026 00:00:61 GMT"],
    ["Mon, 01 Jan 2026 00:00:00 CET"],
    ["Mon, 01 Jan 2026 00:00:00"],
    ["x Mon, 01 Jan 2026 00:00:00 GMT"],
    ["Mon, 01 Jan 2026 00:00:00 GMT x"],
    ["2026-01-01T00:00:00Z"],
    [""],
  ])("%j is no date", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });
});
