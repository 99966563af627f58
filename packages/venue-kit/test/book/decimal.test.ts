import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareDecimals,
  DecimalError,
  isPrice,
  isQuantity,
  isZero,
  parseDecimal,
} from "@oath-ws/venue-kit";

/** Values that have been taken for numbers, or could be. */
const BAD: readonly unknown[] = [
  ..."| |1e5|1E5|1e-400|1e309|0x0|0x10|0b1|0o7|NaN|Infinity|-Infinity|+1|1_000|1,5|.5|5.|.".split(
    "|",
  ),
  ..."1.2.3|--1|1 |1\n|\u00a01|\ufeff7|١|１|1n|٫5|-|-.5".split("|"),
  "9".repeat(65),
  null,
  undefined,
  0,
  5,
  5n,
  [],
  ["1"],
  {},
  true,
];

const digits = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 24 })
  .map((all) => all.join(""));
const plain = fc
  .tuple(digits, fc.option(digits, { nil: undefined }))
  .map(([whole, fraction]) => (fraction === undefined ? whole : `${whole}.${fraction}`));
const signed = fc
  .tuple(fc.boolean(), plain)
  .map(([isNegative, text]) => (isNegative ? `-${text}` : text));

/** The value with thirty digits behind the point, as one integer: the plainest exact way. */
function exactly(text: string): bigint {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole + fraction.padEnd(30, "0"));
  return text.startsWith("-") ? -value : value;
}

describe("the check of decimal numbers", () => {
  it.each(BAD.map((value) => [typeof value, String(value), value]))(
    "takes the %s %s for neither price nor quantity",
    (_type, _text, value) => {
      expect([isPrice(value), isQuantity(value)]).toEqual([false, false]);
    },
  );

  it("takes plain digits, and a minus sign for prices only", () => {
    fc.assert(
      fc.property(plain, (text) => {
        expect([isPrice(text), isQuantity(text)]).toEqual([true, true]);
        expect([isPrice(`-${text}`), isQuantity(`-${text}`)]).toEqual([true, false]);
      }),
    );
  });

  it.each(["0", "0.0", "0.00000000", "-0", "000"])("knows that %s is zero", (text) => {
    expect(isZero(text)).toBe(true);
  });

  it.each(["0.00000000000000000000000000001", "1", "10", "-0.1"])(
    "knows that %s is not zero",
    (text) => {
      expect(isZero(text)).toBe(false);
    },
  );

  it("names the field that cannot be read, and bounds what it shows", () => {
    const error = ((): unknown => {
      try {
        return parseDecimal("1e5".padEnd(100_000, "0"), "price");
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(DecimalError);
    expect(error).toMatchObject({ code: "DECIMAL_INVALID", kind: "server", field: "price" });
    expect((error as Error).message.length).toBeLessThan(300);
  });
});

describe("decimal numbers", () => {
  it("are read without rounding", () => {
    fc.assert(
      fc.property(signed, (text) => {
        const { mantissa, scale } = parseDecimal(text);
        expect(BigInt(mantissa) * 10n ** BigInt(30 - scale)).toBe(exactly(text));
        const isSafe = BigInt(mantissa) <= BigInt(Number.MAX_SAFE_INTEGER);
        const isSafeToo = BigInt(mantissa) >= BigInt(Number.MIN_SAFE_INTEGER);
        expect(typeof mantissa).toBe(isSafe && isSafeToo ? "number" : "bigint");
      }),
    );
    expect(parseDecimal("-0.10")).toEqual({ mantissa: -10, scale: 2 });
    expect(Object.is(parseDecimal("-0").mantissa, 0)).toBe(true);
  });

  it("are compared by value, also where doubles are equal", () => {
    const near = fc
      .tuple(signed, fc.integer({ min: 0, max: 9 }), fc.nat(3))
      .map(([text, digit, zeros]): readonly [string, string] => {
        const long = text.includes(".") ? text : `${text}.0`;
        return [text, `${long}${"0".repeat(zeros)}${digit}`];
      });
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(signed, signed)), ([one, other]) => {
        const [a, b] = [exactly(one), exactly(other)];
        const sign = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareDecimals(one, other))).toBe(sign);
      }),
      { numRuns: 1_000 },
    );
    expect(compareDecimals("67108864.00000001", "67108864.00000002")).toBeLessThan(0);
    expect(compareDecimals("1.0", "1.00")).toBe(0);
  });
});
