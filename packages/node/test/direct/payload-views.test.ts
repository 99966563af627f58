import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { frame, OP } from "../support/frames.js";
import { FrameDecoder } from "../../src/direct/frame-decoder.js";
import { MessageAssembly } from "../../src/direct/message-assembly.js";
import { bytewise, decoder, pushLent } from "./support/decoding.js";

const KIB = 1024;

/** Decodes reads, each in memory of its own; gives the payloads. */
function payloads(...reads: Uint8Array[]): Buffer[] {
  const { decoder: decoding, notes } = decoder();
  for (const read of reads) decoding.push(Buffer.from(new Uint8Array(read).buffer));
  return notes.payloads;
}

/** The payloads of data frames, and how much memory each of them counts. */
function decodedFrames(read: Buffer): { got: Buffer[]; retained: number[] } {
  const got: Buffer[] = [];
  const retained: number[] = [];
  const decoding = new FrameDecoder({
    receiver: {
      receivedMessage: (received) => {
        got.push(received.data as Buffer);
        retained.push(received.retainedBytes);
      },
      receivedPing: () => undefined,
      receivedPong: () => undefined,
      receivedClose: () => undefined,
    },
    maxMessageBytes: 1_000_000,
    validateUtf8: true,
    inflate: undefined,
  });
  decoding.push(read);
  return { got, retained };
}

function many(count: number, size: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => frame(OP.binary, Buffer.alloc(size, i))),
  );
}

describe("a payload keeps alive", () => {
  it.each([
    [40, 1500],
    [150, 400],
    [1000, 64],
    [4 * KIB, 15],
  ])("16 KiB at most when it is one of many of %d bytes in a large read", (size, count) => {
    const { got, retained } = decodedFrames(many(count, size));
    expect(got).toHaveLength(count);
    for (const [i, data] of got.entries()) {
      expect(data.buffer.byteLength).toBeLessThanOrEqual(16 * KIB);
      expect(data.equals(Buffer.alloc(size, i))).toBe(true);
    }
    // Cut out of shared pages, not copied one by one.
    const pages = retained.filter((bytes) => bytes > 0).length;
    expect(pages).toBeLessThanOrEqual(Math.ceil((count * (size + 4)) / (12 * KIB)) + 1);
  });

  it("nothing but itself when it is of middle size in a large read", () => {
    for (const data of payloads(many(4, 15 * KIB))) expect(data.buffer.byteLength).toBe(15 * KIB);
  });

  it("no more than its own bytes when it is a control frame", () => {
    const got = payloads(
      Buffer.concat([frame(OP.text, "a"), frame(OP.ping, "ping"), frame(OP.pong), many(20, 90)]),
    );
    expect(got.slice(1, 3).map(({ buffer }) => buffer.byteLength)).toEqual([4, 0]);
  });

  it("what the first frame of its memory counts, and no other one", () => {
    const pongs = Array.from({ length: 100 }, () => frame(OP.pong, Buffer.alloc(100)));
    const read = Buffer.concat([
      ...pongs.slice(0, 3),
      frame(OP.binary, "a"),
      ...pongs,
      frame(OP.binary, "b"),
      frame(OP.text, "fragm", { fin: false }),
      frame(OP.continuation, "ented"),
      frame(OP.binary, Buffer.alloc(5_000)),
      ...pongs,
      frame(OP.binary, "c"),
    ]);
    // The page of "a" and "b" reaches to the end of the large one at most.
    const [a = 0, b, fragmented, large, c] = decodedFrames(read).retained;
    expect(a).toBeGreaterThan(10_000);
    expect(a).toBeLessThanOrEqual(16 * KIB);
    expect([b, fragmented, c]).toEqual([0, 10, 1]);
    expect([0, 5_000]).toContain(large);
  });

  it("its run of texts, which the first of them counts, and nothing of other frames", () => {
    const texts = Array.from({ length: 100 }, () => frame(OP.text, "x".repeat(98)));
    const read = Buffer.concat([...texts, frame(OP.binary, Buffer.alloc(3_000)), ...texts]);
    const { got, retained } = decodedFrames(read);
    expect(retained.filter((bytes) => bytes > 0)).toEqual([9_998, 13_000, 9_998]);
    expect(new Set(got.map(({ buffer }) => buffer.byteLength))).toEqual(new Set([9_998, 13_000]));
  });

  it.each([
    ["16 KiB at most", 150, 64, 16 * KIB],
    ["the read at most, in a read of few frames", 150, 3, 3 * 154],
    ["nothing but itself when it is larger than 4 KiB", 5 * KIB, 12, 5 * KIB],
    ["nothing but itself when it is most of the read", 50 * KIB, 1, 50 * KIB],
    ["nothing but itself when it spans reads", 100 * KIB, 2, 100 * KIB],
  ])("%s, when the read's memory was only lent", (_, size, count, bound) => {
    const { decoder: decoding, notes } = decoder();
    pushLent(decoding, many(count, size));
    expect(notes.payloads).toHaveLength(count);
    notes.verify();
    for (const data of notes.payloads) expect(data.buffer.byteLength).toBeLessThanOrEqual(bound);
  });

  it("little more than itself when it came in several reads", () => {
    const bytes = frame(OP.binary, Buffer.alloc(200 * KIB));
    const [data] = payloads(
      bytes.subarray(0, 60 * KIB),
      bytes.subarray(60 * KIB, 124 * KIB),
      bytes.subarray(124 * KIB),
    );
    expect(data?.buffer.byteLength).toBe(200 * KIB);
    const [small] = payloads(...bytewise(frame(OP.binary, "small")));
    expect(small?.buffer.byteLength).toBe(5);
  });

  it("of what was cut into single bytes less than a third too much", () => {
    const assembly = new MessageAssembly();
    for (let i = 0; i < 5000; i++) assembly.append(Buffer.from([i & 0xff]));
    expect(assembly.length).toBe(5000);
    const message = assembly.take();
    expect(message.length).toBe(5000);
    expect(message.every((byte, i) => byte === (i & 0xff))).toBe(true);
    expect(message.buffer.byteLength).toBeLessThanOrEqual((5000 * 4) / 3);
    expect(assembly.length).toBe(0);
    expect(assembly.take().length).toBe(0);
  });
});
