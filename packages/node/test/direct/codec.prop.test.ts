import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameEncoder } from "../../src/direct/frame-encoder.js";
import { OPCODE } from "../../src/direct/opcode.js";
import { decodeClientFrame, frame } from "../support/frames.js";
import { cut, decode } from "./support/decoding.js";

const payload = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 140_000 })
      .map((length) => new Uint8Array(length).fill(length)),
  },
);
const message = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }).map((text) => [OPCODE.text, text] as const),
  payload.map((data) => [OPCODE.binary, data] as const),
  fc.uint8Array({ maxLength: 125 }).map((data) => [OPCODE.ping, data] as const),
  fc.uint8Array({ maxLength: 125 }).map((data) => [OPCODE.pong, data] as const),
);
const NAMES = {
  [OPCODE.text]: "text",
  [OPCODE.binary]: "binary",
  [OPCODE.ping]: "ping",
  [OPCODE.pong]: "pong",
};

/**
 * The encoder is a client's, and the decoder refuses a client's frames: in between a step has to
 * take the masks off.
 */
function unmasked(bytes: Buffer): Buffer {
  const { opcode, payload: data, rest } = decodeClientFrame(bytes)!;
  expect(rest).toHaveLength(0);
  return frame(opcode, data);
}

it("what is encoded is decoded, however it is cut", () => {
  const encoder = new FrameEncoder();
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (messages, places) => {
        const bytes = Buffer.concat(
          messages.map(([opcode, data]) => unmasked(encoder.encode(opcode, data))),
        );
        const expected = messages.map(([opcode, data]) => [
          NAMES[opcode],
          Buffer.from(data as string).toString("latin1"),
        ]);
        expect(decode(cut(bytes, places))).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

it("fragments are put together, however message and stream are cut, with control frames in between", () => {
  const edges = fc.array(fc.nat(), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      edges,
      edges,
      (text, fragments, places) => {
        const parts = cut(Buffer.from(text), fragments);
        const frames = parts.flatMap((part, i) => [
          frame(i === 0 ? OPCODE.text : OPCODE.continuation, part, { fin: i === parts.length - 1 }),
          ...(i === parts.length - 1 ? [] : [frame(OPCODE.ping, String(i))]),
        ]);
        const pings = parts.slice(1).map((_, i) => ["ping", String(i)]);
        expect(decode(cut(Buffer.concat(frames), places))).toEqual([
          ...pings,
          ["text", Buffer.from(text).toString("latin1")],
        ]);
      },
    ),
    { numRuns: 300 },
  );
});

it("no bytes make the decoder throw, and cutting them differently changes nothing", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (bytes, places) => {
        expect(decode(cut(bytes, places))).toEqual(decode([bytes]));
      },
    ),
    { numRuns: 1000 },
  );
});
