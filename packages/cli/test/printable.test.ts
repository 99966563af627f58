import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLine, printable } from "../src/printable.js";

describe("printable", () => {
  it.each([
    ['plain text, \\ and "quotes": öäü €', 'plain text, \\ and "quotes": öäü €'],
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["a\tb\r\nc\u0000", "a\\tb\\r\\nc\\x00"],
    ["\u007f\u009b2J", "\\x7f\\x9b2J"],
    ["\u202egpj.exe\u2066", "\\u202egpj.exe\\u2066"],
    ["one\u2028two\u2029", "one\\u2028two\\u2029"],
  ])("shows %j on one line, without control characters", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("never lets a control character or a line end through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }),
    );
  });
});

describe("jsonLine", () => {
  it("is one harmless line that parses to the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = jsonLine({ text });
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(JSON.parse(line)).toEqual({ text });
      }),
    );
  });

  it("leaves out what is nested deeper than it can follow, and says so", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(JSON.parse(jsonLine({ type: "event", cause: undefined, data: deep }))).toEqual({
      type: "event",
      data: null,
      unprintable: ["data"],
    });
  });
});
