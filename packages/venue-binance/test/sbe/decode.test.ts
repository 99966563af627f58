import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mantissa, Scale } from "@oath-ws/venue-binance";
import { decimalText } from "../../src/sbe/decimal-text.js";
import { scaledPayload } from "../../src/sbe/scaled-payloads.js";
import { bytesOf, SBE_FRAMES, sbeGrammar, tell } from "../support/sbe-frames.js";

const NAMES = Object.keys(SBE_FRAMES) as (keyof typeof SBE_FRAMES)[];
const UNKNOWN: unknown = expect.objectContaining({ kind: "server", code: "FRAME_UNKNOWN" });

/** The message with `bytes` put in at `at`. */
function inserted(message: Buffer, at: number, bytes: number[]): Buffer {
  return Buffer.concat([message.subarray(0, at), Buffer.from(bytes), message.subarray(at)]);
}

describe.each(NAMES)("a message of %s", (name) => {
  const { topic, payloads } = SBE_FRAMES[name];
  const events = payloads.map((payload) => [topic, payload]);

  it("has the fields of its JSON twin, own and enumerable", () => {
    const told = tell(bytesOf(name));
    expect(told.events).toEqual(events);
    expect(told.unreadable).toEqual([]);
    expect(JSON.parse(JSON.stringify(told.events))).toEqual(events);
  });

  it("has the same numbers as mantissas and exponents", () => {
    const { events: scaled } = tell(bytesOf(name), sbeGrammar(scaledPayload));
    expect(scaled.map(([at, payload]) => [at, asText(payload as Scaled)])).toEqual(events);
  });

  it("is read wherever in a larger buffer it stands", () => {
    const alone = bytesOf(name);
    const among = Buffer.concat([Buffer.alloc(3, 0xff), alone, Buffer.alloc(5, 0xff)]);
    expect(tell(among.subarray(3, 3 + alone.length)).events).toEqual(events);
  });

  it("may be longer in its block and at its end, as of a newer version", () => {
    const message = bytesOf(name);
    const block = message.readUInt16LE(0);
    const longer = inserted(message, 8 + block, [0xaa, 0xbb, 0xcc]);
    longer.writeUInt16LE(block + 3, 0);
    longer.writeUInt16LE(9, 6);
    expect(tell(Buffer.concat([longer, Buffer.from("dead", "hex")])).events).toEqual(events);
  });

  it("that is cut anywhere is a fault of this stream alone, and no event", () => {
    const message = bytesOf(name);
    const streams = NAMES.filter((other) => other === name).map((other) => SBE_FRAMES[other].topic);
    for (let length = 8; length < message.length; length++) {
      const told = tell(message.subarray(0, length));
      expect(told).toEqual({ events: [], unreadable: [streams], errors: [UNKNOWN] });
    }
  });
});

describe("a message in SBE", () => {
  it("may have longer entries, as of a newer version", () => {
    const message = bytesOf("trade");
    let longer = inserted(message, 32 + 50, [1, 2]);
    longer = inserted(longer, 32 + 25, [3, 4]);
    longer.writeUInt16LE(27, 26);
    const payloads = tell(longer).events.map(([, payload]) => payload);
    expect(payloads).toEqual(SBE_FRAMES.trade.payloads);
  });

  it("of an unknown template is a fault that concerns no stream", () => {
    const message = bytesOf("trade");
    message.writeUInt16LE(10_004, 2);
    expect(tell(message)).toEqual({ events: [], unreadable: [[]], errors: [UNKNOWN] });
  });

  it.each([
    ["of another schema", (message: Buffer) => message.writeUInt16LE(2, 4)],
    ["without a whole header", undefined],
  ])("%s may have been anything, and is thrown", (_, spoil) => {
    const message = bytesOf("depth");
    spoil?.(message);
    expect(() => tell(spoil === undefined ? message.subarray(0, 7) : message)).toThrowError(
      expect.objectContaining({ code: "FRAME_UNKNOWN" }),
    );
  });

  it.each([
    ["entries that are too short", 26, [24, 0, 2, 0, 0, 0]],
    ["more entries than it has room for", 26, [25, 0, 3, 0, 0, 0]],
    ["four thousand million entries", 26, [25, 0, 0xff, 0xff, 0xff, 0xff]],
    ["entries of nothing, without end", 26, [0, 0, 0xff, 0xff, 0xff, 0xff]],
    ["a block that is too short", 0, [17, 0]],
    ["a block beyond its end", 0, [0xff, 0xff]],
  ])("that says it has %s is no event", (_, at, lie) => {
    const message = bytesOf("trade");
    message.set(lie, at);
    const told = tell(message);
    expect(told.events).toEqual([]);
    expect(told.unreadable).toEqual([["btcusdt@trade"]]);
  });

  it.each([
    ["an id beyond 2^53", 32, [0, 0, 0, 0, 0, 0, 0x20, 0]],
    ["a time beyond 2^53", 8, [0, 0, 0, 0, 0, 0, 0, 0x40]],
    ["no price", 40, [0, 0, 0, 0, 0, 0, 0, 0x80]],
    ["a maker that is neither yes nor no", 56, [255]],
  ])("with %s is a fault of its stream, not a rounded number", (_, at, value) => {
    const message = bytesOf("trade");
    message.set(value, at);
    const told = tell(message);
    expect(told.events).toEqual([]);
    expect(told.unreadable).toEqual([["btcusdt@trade"]]);
    expect(told.errors).toEqual([UNKNOWN]);
  });

  it("of a symbol that was never asked for is no event", () => {
    const message = bytesOf("trade");
    message.write("ETHUSDT", message.length - 7);
    expect(tell(message)).toEqual({ events: [], unreadable: [], errors: [] });
  });

  it("keeps every digit of 64 bits, whatever the exponent", () => {
    const message = bytesOf("bestBidAsk");
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
        fc.integer({ min: -128, max: 127 }),
        (mantissa, exponent) => {
          message.writeInt8(exponent, 24);
          message.writeBigInt64LE(mantissa, 26);
          const [[, payload] = []] = tell(message).events;
          const { b } = payload as { readonly b: string };
          expect(exact(b, 128)).toBe(mantissa * 10n ** BigInt(128 + exponent));
          const decimals = b.split(".")[1] ?? "";
          expect(decimals.length).toBe(Math.max(0, -exponent));
        },
      ),
      { examples: [2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 1n - 2n ** 63n].map((m) => [m, -8]) },
    );
  });

  it("keeps every digit of the venue's own eight decimals, at each edge of a whole", () => {
    const near = fc
      .tuple(fc.integer({ min: 0, max: 90_071_992 }), fc.integer({ min: -2, max: 2 }))
      .map(([whole, off]) => Math.max(0, whole * 100_000_000 + off));
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), near), (units) => {
        const text = decimalText(units, -8);
        expect(text).toMatch(/^(0|[1-9]\d*)\.\d{8}$/);
        expect(BigInt(text.replace(".", ""))).toBe(BigInt(units));
      }),
      { numRuns: 2_000, examples: [[Number.MAX_SAFE_INTEGER], [99_999_999], [100_000_000]] },
    );
  });

  it.each([
    [0, -8, "0.00000000"],
    [0, 3, "0"],
    [-5, -1, "-0.5"],
    [-12, 2, "-1200"],
    [123, -3, "0.123"],
    [1234n, -3, "1.234"],
  ])("writes %d times ten to the %d as %s", (mantissa, exponent, text) => {
    expect(decimalText(mantissa, exponent)).toBe(text);
  });
});

type Scaled = Scale & Readonly<Record<string, unknown>>;

/** A scaled payload with the text of its numbers, by which a text payload is known. */
function asText({ priceExponent, quantityExponent, ...rest }: Scaled): unknown {
  const exponents: Readonly<Record<string, number>> =
    rest["e"] === "trade"
      ? { p: priceExponent, q: quantityExponent }
      : { b: priceExponent, B: quantityExponent, a: priceExponent, A: quantityExponent };
  const text = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) {
      const flat = value as readonly Mantissa[];
      return Array.from({ length: flat.length / 2 }, (_, level) => [
        decimalText(flat[level * 2] ?? 0, priceExponent),
        decimalText(flat[level * 2 + 1] ?? 0, quantityExponent),
      ]);
    }
    const exponent = exponents[key];
    return exponent === undefined ? value : decimalText(value as Mantissa, exponent);
  };
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, text(key, value)]));
}

/** A plain decimal, as a whole number of `10^-scale`, by arithmetic of its own. */
function exact(text: string, scale: number): bigint {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)\.?(\d*)$/.exec(text) ?? [];
  const units = BigInt(whole + fraction) * 10n ** BigInt(scale - fraction.length);
  return sign === "" ? units : -units;
}
