import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCursor, ByteTable, isLiteral, Literal, parseDecimal } from "@oath-ws/venue-kit";

/** A cursor at the beginning of this text, which stands among digits that belong to no message. */
function cursorAt(text: string): ByteCursor {
  const bytes = new TextEncoder().encode(`123.5${text}678.25`);
  const cursor = new ByteCursor();
  cursor.open(bytes, 5, bytes.length - 6);
  return cursor;
}

function wholeOf(text: string): number {
  return cursorAt(text).whole();
}

describe("a cursor", () => {
  it("skips a literal of any length where it stands, and nothing else", () => {
    const text = '{"e":"trade","E":';
    for (let length = 0; length <= text.length; length++) {
      const literal = new Literal(text.slice(0, length));
      const cursor = cursorAt(text);
      expect(cursor.skip(literal)).toBe(true);
      expect(cursor.at).toBe(5 + length);
      for (let at = 0; at < length; at++) {
        const other = cursorAt(`${text.slice(0, at)}~${text.slice(at + 1)}`);
        expect([other.skip(literal), other.at]).toEqual([false, 5]);
      }
    }
  });

  it("takes nothing beyond the end of its message for a part of it", () => {
    const cursor = cursorAt("12");
    expect(cursor.skip(new Literal("126"))).toBe(false);
    expect([cursor.whole(), cursor.isAtEnd, cursor.byte]).toEqual([12, true, 0]);
    expect([cursor.whole(), cursor.decimal(), cursor.decimalText()]).toEqual([
      -1,
      false,
      undefined,
    ]);
    const decimals = cursorAt("1.5");
    expect([decimals.decimal(), decimals.mantissa, decimals.scale]).toEqual([true, 15, 1]);
    expect(cursorAt("1.5").decimalText()).toBe("1.5");
    expect(cursorAt("1.").decimalText()).toBeUndefined();
  });

  it.each([
    ["0", 0],
    ["7", 7],
    ["1770000000000001", 1_770_000_000_000_001],
    ["9007199254740991", 2 ** 53 - 1],
    ["9007199254740992", -1],
    ["9007199254740993", -1],
    ["9999999999999999", -1],
    ["00", -1],
    ["01", -1],
    ["-1", -1],
    ["", -1],
    [".5", -1],
    ["12345678901234567", -1],
  ])("reads the whole number %j as %d", (text, value) => {
    expect(wholeOf(text)).toBe(value);
  });

  it("reads every number that JSON has and a double holds, and no other", () => {
    const numbers = fc.oneof(
      fc.bigInt(0n, 2n ** 54n).map(String),
      fc.stringMatching(/^[0-9]{0,20}$/),
      fc.integer().map(String),
    );
    fc.assert(
      fc.property(numbers, (text) => {
        const value = wholeOf(text);
        if (/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)))
          expect(value).toBe(JSON.parse(text));
        else expect(value).toBe(-1);
      }),
    );
  });

  it("reads decimals of any precision exactly, as the text and as its numbers", () => {
    const decimals = fc
      .tuple(fc.stringMatching(/^[0-9]{1,30}$/), fc.option(fc.stringMatching(/^[0-9]{1,30}$/)))
      .map(([whole, part]) => (part === null ? whole : `${whole}.${part}`));
    fc.assert(
      fc.property(decimals, (text) => {
        const cursor = cursorAt(text);
        expect(cursor.decimalText()).toBe(text);
        expect(cursor.isAtEnd).toBe(true);
        const scaled = cursorAt(text);
        expect(scaled.decimal()).toBe(true);
        const { mantissa, scale } = scaled;
        expect({ mantissa, scale }).toEqual(parseDecimal(text));
      }),
    );
  });

  it("keeps digits beyond 2^53, where a double would round", () => {
    const cursor = cursorAt("90071992547.40993");
    expect(cursor.decimal()).toBe(true);
    expect(cursor.mantissa).toBe(9_007_199_254_740_993n);
    const edge = cursorAt("9007199254740991");
    expect([edge.decimal(), edge.mantissa]).toEqual([true, Number.MAX_SAFE_INTEGER]);
  });

  it.each(["", ".", ".5", "5.", "1.2.3", "-1", "+1", "NaN", " 1", "9".repeat(65)])(
    "takes %j for no decimal number as a whole",
    (text) => {
      const cursor = cursorAt(`${text}"`);
      const found = cursor.decimalText();
      expect(found === undefined || cursor.byte !== 0x22).toBe(true);
      const scaled = cursorAt(`${text}"`);
      expect(scaled.decimal() && scaled.byte === 0x22).toBe(false);
    },
  );

  const number = fc.oneof(
    fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{1,9})?$/),
    fc.constantFrom("", "1.", ".1", "-1", "1e5", "1.2.3", "0".repeat(64), "0".repeat(65)),
  );
  it("reads pairs of decimal texts as JSON.parse does, or leaves them alone", () => {
    const plain = /^(?=.{1,64}$)[0-9]+(\.[0-9]+)?$/;
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 6 }), (pairs) => {
        const text = JSON.stringify(pairs);
        const cursor = cursorAt(`${text},`);
        const isPlain = pairs.flat().every((one) => plain.test(one));
        expect(cursor.decimalPairs()).toEqual(isPlain ? pairs : undefined);
        if (isPlain) expect(cursor.byte).toBe(",".charCodeAt(0));
      }),
      { seed: 60, numRuns: 300 },
    );
  });

  it("refuses pairs with any other character anywhere, and pairs that are cut", () => {
    const text = '[["1.05","2"],["13","0.000"]]';
    for (let at = 0; at < text.length; at++) {
      expect(cursorAt(text.slice(0, at)).decimalPairs()).toBeUndefined();
      const changed = `${text.slice(0, at)}~${text.slice(at + 1)}`;
      expect(cursorAt(changed).decimalPairs()).toBeUndefined();
    }
    expect(cursorAt("[]").decimalPairs()).toEqual([]);
  });

  it("reads a message in memory that begins anywhere, and lets go of large memory", () => {
    const whole = new Uint8Array(100_000).fill(0x31);
    const cursor = new ByteCursor();
    cursor.open(whole.subarray(99_990), 2, 5);
    expect(cursor.whole()).toBe(111);
    cursor.open(whole, 99_998, 100_000);
    expect(cursor.whole()).toBe(11);
    cursor.close();
    expect([cursor.byte, cursor.whole()]).toEqual([0, -1]);
  });
});

it("a literal is ASCII text, since its words are compared as doubles", () => {
  expect(["abc", "é", "\u0000", "\u007f", "ab\u{1f600}"].map(isLiteral)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(() => new Literal("é")).toThrow(RangeError);
});

describe("a table of bytes", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it("finds what was put in, and the last of two with the same bytes", () => {
    const table = new ByteTable<{ readonly bytes: Uint8Array; readonly name: string }>();
    // The first two have the same hash.
    for (const name of ["costarring", "liquid", "btcusdt", "ethusdt"])
      table.set({ bytes: bytes(name), name });
    table.set({ bytes: bytes("btcusdt"), name: "later" });
    const among = bytes("xliquidbtcusdtcostarringdogeusdt");
    expect(table.find(among, 1, 6)?.name).toBe("liquid");
    expect(table.find(among, 7, 7)?.name).toBe("later");
    expect(table.find(among, 14, 10)?.name).toBe("costarring");
    expect(table.find(among, 24, 8)).toBeUndefined();
    expect(table.find(among, 30, 9)).toBeUndefined();
  });
});
