import { Buffer } from "node:buffer";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import { frame, OP } from "../support/frames.js";
import { Notes, pushLent } from "../direct/support/decoding.js";

const KIB = 1024;

/** Decodes with modules that were loaded under this `NODE_ENV`. */
async function decoding(environment: string): Promise<(...messages: Buffer[]) => InboundFrame[]> {
  vi.stubEnv("NODE_ENV", environment);
  vi.resetModules();
  const { FrameDecoder } = await import("../../src/direct/frame-decoder.js");
  return (...messages) => {
    const got: InboundFrame[] = [];
    const receiver = new Notes();
    receiver.receivedMessage = (received) => got.push(received);
    const options = { maxMessageBytes: 1 << 24, validateUtf8: true, inflate: undefined };
    const decoder = new FrameDecoder({ receiver, ...options });
    pushLent(decoder, Buffer.concat(messages.map((data) => frame(OP.binary, data))));
    return got;
  };
}

function filled(kib: number, byte: number): Buffer {
  return Buffer.alloc(kib * KIB, byte);
}

function one([received]: InboundFrame[]): InboundFrame {
  if (received === undefined) throw new Error("no frame came");
  return received;
}

const collect = globalThis.gc ?? exposedGc();

function exposedGc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe("the memory of a large payload that was taken back", () => {
  it("becomes that of a later one in production", async () => {
    const decode = await decoding("production");
    const first = one(decode(filled(100, 1)));
    const kept = first.data;
    const { buffer } = kept;
    first.takeBack();
    const second = one(decode(filled(90, 2)));
    expect(second.data.buffer).toBe(buffer);
    expect(second.data.length).toBe(90 * KIB);
    expect(second.retainedBytes).toBe(100 * KIB);
    expect(kept[0]).toBe(2);
  });

  it("is not used for a payload of less than half of it, nor for two at a time", async () => {
    const decode = await decoding("production");
    const first = one(decode(filled(100, 1)));
    const { buffer } = first.data;
    first.takeBack();
    expect(one(decode(filled(40, 2))).data.buffer).not.toBe(buffer);
    const both = decode(filled(100, 3), filled(100, 4));
    expect(both.map(({ data }) => data.buffer === buffer)).toEqual([true, false]);
    expect(both.map(({ data }) => data[1000])).toEqual([3, 4]);
  });

  it("is kept up to 8 MiB in all", async () => {
    const decode = await decoding("production");
    const frames = Array.from({ length: 12 }, (_, i) => one(decode(filled(1024, i))));
    const buffers = new Set(frames.map(({ data }) => data.buffer));
    for (const each of frames) each.takeBack();
    const again = Array.from({ length: 12 }, (_, i) => one(decode(filled(1024, i))));
    expect(again.filter(({ data }) => buffers.has(data.buffer))).toHaveLength(8);
  });

  it.each(["development", "test", ""])("is detached with NODE_ENV=%s", async (environment) => {
    const decode = await decoding(environment);
    const first = one(decode(filled(100, 1)));
    const kept = first.data;
    first.takeBack();
    expect(kept.length).toBe(0);
    const second = one(decode(filled(90, 2)));
    expect(second.data[0]).toBe(2);
    // Memory for 100 KiB: it is used again under another object.
    expect(second.retainedBytes).toBe(100 * KIB);
  });

  it.each(["development", "production"])(
    "is not used again when the reader gave it away, with NODE_ENV=%s",
    async (environment) => {
      const decode = await decoding(environment);
      const first = one(decode(filled(100, 1)));
      const { buffer } = first.data;
      const taken = structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
      first.takeBack();
      const second = one(decode(filled(90, 2)));
      expect(second.retainedBytes).toBe(90 * KIB);
      expect(new Uint8Array(taken).every((byte) => byte === 1)).toBe(true);
    },
  );

  it("is freed by a full collection", async () => {
    const decode = await decoding("production");
    const memory = ((): WeakRef<ArrayBufferLike> => {
      const first = one(decode(filled(100, 1)));
      const { buffer } = first.data;
      first.takeBack();
      return new WeakRef(buffer);
    })();
    const isFreed = (): boolean => {
      collect();
      return memory.deref() === undefined;
    };
    await expect.poll(isFreed, { timeout: 5_000 }).toBe(true);
  });
});

it("small payloads share pages, which are never used again", async () => {
  const decode = await decoding("production");
  const [first, second] = decode(filled(3, 1), filled(3, 2));
  const kept = first?.data;
  first?.takeBack();
  decode(filled(3, 7), filled(3, 8));
  expect(kept?.every((byte) => byte === 1)).toBe(true);
  expect(second?.data.every((byte) => byte === 2)).toBe(true);
});

it("frames that are kept never change, however many others are lent", async () => {
  const decode = await decoding("production");
  const kept: (readonly [InboundFrame, number])[] = [];
  for (let i = 1; i < 200; i++) {
    const sizes = [(i * 37) % 90, (i * 11) % 20, 70];
    for (const [at, received] of decode(...sizes.map((kib) => filled(kib, i & 0xff))).entries()) {
      if ((i + at) % 3 === 0) kept.push([received, i & 0xff]);
      else received.takeBack();
    }
  }
  for (const [received, byte] of kept)
    expect(received.data.every((each) => each === byte)).toBe(true);
});
