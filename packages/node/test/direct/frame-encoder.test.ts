import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { FrameEncoder } from "../../src/direct/frame-encoder.js";
import { randomMask } from "../../src/direct/mask-source.js";
import { OPCODE } from "../../src/direct/opcode.js";
import { decodeClientFrame } from "../support/frames.js";

/** The example of RFC 6455 section 5.7. */
const EXAMPLE_MASK = [0x37, 0xfa, 0x21, 0x3d];

describe("a frame", () => {
  it("is the one of RFC 6455 section 5.7", () => {
    const encoder = new FrameEncoder((mask) => {
      mask.set(EXAMPLE_MASK);
    });
    const expected = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    expect([...encoder.encode(OPCODE.text, "Hello")]).toEqual(expected);
    expect([...encoder.encode(OPCODE.text, Buffer.from("Hello"))]).toEqual(expected);
  });

  it("says its length in the shortest form", () => {
    const encoder = new FrameEncoder();
    const head = (length: number): number[] => [
      ...encoder.encode(OPCODE.binary, new Uint8Array(length)).subarray(0, 10),
    ];
    expect(head(125)[1]).toBe(0x80 | 125);
    expect(head(126).slice(1, 4)).toEqual([0x80 | 126, 0, 126]);
    expect(head(65_535).slice(1, 4)).toEqual([0x80 | 126, 0xff, 0xff]);
    expect(head(65_536).slice(1)).toEqual([0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it("is unmasked to what was sent, at every length and place in memory; the sender's bytes stay", () => {
    const encoder = new FrameEncoder();
    const source = Buffer.from(Array.from({ length: 300 }, (_, i) => i * 7));
    const before = Buffer.from(source);
    for (let length = 0; length <= 140; length++) {
      const payload = source.subarray(length % 5, (length % 5) + length);
      const {
        opcode,
        payload: decoded,
        rest,
      } = decodeClientFrame(encoder.encode(OPCODE.binary, payload))!;
      expect([opcode, rest.length]).toEqual([OPCODE.binary, 0]);
      expect(decoded.equals(payload)).toBe(true);
    }
    for (const length of [4000, 5000, 65_535, 65_536, 100_001]) {
      const payload = Buffer.alloc(length, "round and round");
      expect(
        decodeClientFrame(encoder.encode(OPCODE.binary, payload))!.payload.equals(payload),
      ).toBe(true);
    }
    expect(source.equals(before)).toBe(true);
  });

  it.each(["", "plain", "é€𝄞", "lone \ud800 surrogate", "é".repeat(40_000)])(
    "carries a string as UTF-8: %#",
    (text) => {
      const { payload } = decodeClientFrame(new FrameEncoder().encode(OPCODE.text, text))!;
      expect(payload.equals(Buffer.from(text))).toBe(true);
    },
  );

  it("carries the mark of compression when told to", () => {
    expect(new FrameEncoder().encode(OPCODE.text, "x", true)[0]).toBe(0xc1);
  });
});

it("masks are not repeated, beyond what chance allows", () => {
  const mask = Buffer.alloc(4);
  const seen = new Set<number>();
  for (let i = 0; i < 5000; i++) {
    randomMask(mask);
    seen.add(mask.readUInt32BE(0));
  }
  expect(seen.size).toBeGreaterThan(4990);
});
