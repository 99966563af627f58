import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { frame, OP } from "../support/frames.js";
import { MessageAssembly } from "../../src/direct/message-assembly.js";
import { bytewise, decoder, pushLent } from "./support/decoding.js";

const KIB = 1024;

/** Decodes reads, each in memory of its own; gives the payloads. */
function payloads(...reads: Uint8Array[]): Buffer[] {
  const { decoder: decoding, notes } = decoder();
  for (const read of reads) decoding.push(Buffer.from(new Uint8Array(read).buffer));
  return notes.payloads;
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
    const got = payloads(many(count, size));
    expect(got).toHaveLength(count);
    for (const [i, data] of got.entries()) {
      expect(data.buffer.byteLength).toBeLessThanOrEqual(16 * KIB);
      expect(data.equals(Buffer.alloc(size, i))).toBe(true);
    }
    // Cut out of shared pages, not copied one by one.
    const pages = new Set(got.map(({ buffer }) => buffer)).size;
    expect(pages).toBeLessThanOrEqual(Math.ceil((count * (size + 4)) / (12 * KIB)) + 1);
  });

  it("nothing but itself when it is of middle size in a large read", () => {
    for (const data of payloads(many(4, 15 * KIB))) expect(data.buffer.byteLength).toBe(15 * KIB);
  });

  it("the read when it is most of it, without a copy", () => {
    const read = Buffer.from(new Uint8Array(frame(OP.binary, Buffer.alloc(50 * KIB))).buffer);
    const { decoder: decoding, notes } = decoder();
    decoding.push(read);
    expect(notes.payloads[0]?.buffer).toBe(read.buffer);
  });

  it("a small read, without a copy", () => {
    const read = Buffer.from(new Uint8Array(many(10, 100)).buffer);
    const { decoder: decoding, notes } = decoder();
    decoding.push(read);
    for (const { buffer } of notes.payloads) expect(buffer).toBe(read.buffer);
  });

  it.each([
    ["16 KiB at most", 150, 64, 16 * KIB],
    ["a page of Node's pool at most, in a read of few frames", 150, 3, Buffer.poolSize],
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
    // A copy this small comes from Node's pool: 8 KiB, from Node 24 on 64.
    expect(small?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
  });

  it("of what was cut into single bytes less than a third too much", () => {
    const assembly = new MessageAssembly();
    for (let i = 0; i < 5000; i++) assembly.append(Buffer.from([i & 0xff]));
    expect(assembly.length).toBe(5000);
    const message = assembly.take();
    expect(message.length).toBe(5000);
    expect(message.every((byte, i) => byte === (i & 0xff))).toBe(true);
    expect(message.buffer.byteLength).toBeLessThanOrEqual(
      Math.max((5000 * 4) / 3, Buffer.poolSize),
    );
    expect(assembly.length).toBe(0);
    expect(assembly.take().length).toBe(0);
  });
});
