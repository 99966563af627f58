import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { ClientFrames } from "../src/feeder/client-frames.js";

/** A masked frame, as a client sends it. */
function frame(opcode: number, length: number): Buffer {
  const header =
    length < 126
      ? [0x80 | opcode, 0x80 | length]
      : length < 65_536
        ? [0x80 | opcode, 0x80 | 126, length >>> 8, length & 0xff]
        : [
            0x80 | opcode,
            0x80 | 127,
            0,
            0,
            0,
            0,
            0,
            length >>> 16,
            (length >>> 8) & 0xff,
            length & 0xff,
          ];
  // Payload bytes that would be headers if the walker lost its place.
  return Buffer.concat([
    Buffer.from(header),
    Buffer.from([1, 2, 3, 4]),
    Buffer.alloc(length, 0x88),
  ]);
}

function walk(bytes: Buffer, step: number): string[] {
  const seen: string[] = [];
  const walker = new ClientFrames({
    data: () => seen.push("data"),
    ping: () => seen.push("ping"),
    close: () => seen.push("close"),
  });
  for (let at = 0; at < bytes.length; at += step) walker.push(bytes.subarray(at, at + step));
  return seen;
}

test.each([1, 2, 3, 7, 64, 1_000_000])(
  "counts frames of every length however reads cut them: %i bytes a read",
  (step) => {
    const bytes = Buffer.concat([
      frame(0x1, 0),
      frame(0x2, 125),
      frame(0x9, 0),
      frame(0x1, 126),
      frame(0xa, 0),
      frame(0x1, 70_000),
      frame(0x8, 2),
    ]);
    expect(walk(bytes, step)).toEqual(["data", "data", "ping", "data", "data", "close"]);
  },
);

test("counts a frame when the last byte of it is there", () => {
  expect(walk(frame(0x1, 1024).subarray(0, -1), 1_000_000)).toEqual([]);
});
