import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader, OPCODE } from "../../src/soak/venue/wire.js";

/** What a client would send: the server's frame, with a mask put in. */
function masked(opcode: number, payload: Buffer): Buffer {
  const frame = encodeFrame(opcode, payload);
  const head = frame.subarray(0, frame.length - payload.length);
  const mask = Buffer.from([1, 2, 3, 4]);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))]);
}

describe("the soak's wire", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])(
    "reads back a frame of %i bytes, whole and in pieces",
    (size) => {
      const payload = Buffer.alloc(size, "soak");
      const bytes = Buffer.concat([
        masked(OPCODE.text, payload),
        masked(OPCODE.ping, Buffer.from("p")),
      ]);
      const expected = [`${OPCODE.text} ${payload.toString()}`, `${OPCODE.ping} p`];
      const told = (reader: FrameReader, piece: Buffer): string[] =>
        [...reader.push(piece)].map((frame) => `${frame.opcode} ${frame.payload.toString()}`);
      expect(told(new FrameReader(), bytes)).toEqual(expected);
      const reader = new FrameReader();
      const pieces: string[] = [];
      const step = Math.max(1, Math.floor(bytes.length / 7));
      for (let start = 0; start < bytes.length; start += step)
        pieces.push(...told(reader, bytes.subarray(start, start + step)));
      expect(pieces).toEqual(expected);
    },
  );
});
