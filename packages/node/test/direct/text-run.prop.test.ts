import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import { FrameDecoder } from "../../src/direct/frame-decoder.js";
import { frame, OP } from "../support/frames.js";
import { cut, decode, Notes, pushLent } from "./support/decoding.js";
import type { Decoded } from "./support/decoding.js";

type Item = {
  readonly kind: "text" | "binary" | "ping";
  readonly data: Buffer;
  readonly good: boolean;
};

/**
 * Mostly small ASCII texts, which run together; now and then something that ends a run, or is no
 * ASCII, or no UTF-8.
 */
const item: fc.Arbitrary<Item> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .integer({ min: 0, max: 400 })
      .map((n) => ({ kind: "text" as const, data: Buffer.alloc(n, "a"), good: true })),
  },
  {
    weight: 3,
    arbitrary: fc
      .integer({ min: 400, max: 9_000 })
      .map((n) => ({ kind: "text" as const, data: Buffer.alloc(n, "b"), good: true })),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat({ max: 300 })
      .map((n) => ({ kind: "text" as const, data: Buffer.from(`${"c".repeat(n)}€`), good: true })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      kind: "binary" as const,
      data: Buffer.from([0, 255, 0x81, 5]),
      good: true,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: "ping" as const, data: Buffer.from("?"), good: true }),
  },
  {
    weight: 1,
    arbitrary: fc
      .nat({ max: 200 })
      .map((n) => ({ kind: "text" as const, data: Buffer.alloc(n + 1, 0xff), good: false })),
  },
);

/** Until the first fault, everything in its order. */
function expected(items: readonly Item[]): Decoded[] {
  const fault = items.findIndex(({ good }) => !good);
  const fine = fault < 0 ? items : items.slice(0, fault);
  const got = fine.map(({ kind, data }): Decoded => [kind, data.toString("latin1")]);
  return fault < 0 ? got : [...got, ["refused", "INVALID_UTF8", 1007]];
}

function wire(items: readonly Item[]): Buffer {
  return Buffer.concat(items.map(({ kind, data }) => frame(OP[kind], data)));
}

describe("texts that are looked at together", () => {
  it("come out as if each had been looked at alone, with what is between them in its place", () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 300, size: "max" }),
        fc.array(fc.nat(), { maxLength: 3 }),
        (items, places) => {
          expect(decode(cut(wire(items), places))).toEqual(expected(items));
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    [0, 0],
    [15, 20],
    [30, 39],
  ])("are seen from the first byte to the last: text %i, byte %i", (bad, at) => {
    const texts = Array.from({ length: 31 }, () => Buffer.alloc(40, "z"));
    texts[bad]?.fill(0xff, at, at + 1);
    const got = decode([Buffer.concat(texts.map((text) => frame(OP.text, text)))]);
    expect([got.length, got.at(-1)]).toEqual([bad + 1, ["refused", "INVALID_UTF8", 1007]]);
  });

  it("have the strings of their bytes", () => {
    const texts = Array.from({ length: 500 }, (_, i) => `${i}:${i % 97 === 0 ? "é" : "e"}`);
    const got: string[] = [];
    const decoder = decoderFor((received) => got.push(received.text()));
    pushLent(decoder, Buffer.concat(texts.map((text) => frame(OP.text, text))));
    expect(got).toEqual(texts);
  });

  it("stop where the receiver ends the decoding", () => {
    let got = 0;
    const decoder: FrameDecoder = decoderFor(() => {
      if (++got === 7) decoder.end();
    });
    const violation = pushLent(
      decoder,
      Buffer.concat(Array.from({ length: 50 }, () => frame(OP.text, "x".repeat(40)))),
    );
    expect([got, violation]).toEqual([7, undefined]);
  });

  it("end with the receiver even when a violation follows", () => {
    const decoder: FrameDecoder = decoderFor(() => decoder.end());
    const bytes = Buffer.concat([
      frame(OP.text, "x"),
      frame(OP.text, "y"),
      Buffer.from([0xff, 0xff]),
    ]);
    expect(pushLent(decoder, bytes)).toBeUndefined();
  });
});

function decoderFor(onMessage: (received: InboundFrame) => void): FrameDecoder {
  const receiver = new Notes();
  receiver.receivedMessage = onMessage;
  return new FrameDecoder({
    receiver,
    maxMessageBytes: 1024 * 1024,
    validateUtf8: true,
    inflate: undefined,
  });
}
