import { compareDecimals, exactText } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { expect, it } from "vitest";

const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max })
    .map((all) => all.join(""));

it("plain decimal text stays as it is, digit for digit", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("", "-"),
      digits(25),
      fc.option(digits(25)),
      (sign, whole, part) => {
        const text = part === null ? `${sign}${whole}` : `${sign}${whole}.${part}`;
        expect(exactText(text)).toBe(text);
      },
    ),
  );
});

it("commas between groups are left out, and no digit with them", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1_000n, max: 10n ** 20n }),
      fc.option(digits(8)),
      (whole, part) => {
        const grouped = whole.toString().replace(/\B(?=(\d{3})+$)/g, ",");
        const rest = part === null ? "" : `.${part}`;
        expect(exactText(grouped + rest)).toBe(whole.toString() + rest);
      },
    ),
  );
});

it("a JSON number of at most 15 digits is the same number", () => {
  fc.assert(
    fc.property(digits(12), digits(12), (whole, part) => {
      const text = `${whole}.${part}`;
      const exact = exactText(Number(text));
      // Of longer ones the parser of JSON may have lost digits already.
      fc.pre((whole + part).replace(/^0+|0+$/g, "").length <= 15);
      // A double below that prints with an exponent.
      if (Number(text) !== 0 && Number(text) < 1e-6) expect(exact).toBeUndefined();
      else expect(compareDecimals(exact ?? "", text)).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it.each([
  "12.2M",
  "1.5K",
  "C271.67",
  "99 16/32",
  "1,23",
  "12,34.5",
  "1e5",
  "0x10",
  "",
  " ",
  "--1",
  "NaN",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e21,
  1e-7,
  0.1 + 0.2,
  undefined,
  null,
  true,
  {},
])("%j is not had exactly", (value) => {
  expect(exactText(value)).toBeUndefined();
});
