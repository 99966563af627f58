import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import { FrameDecoder } from "../../src/direct/frame-decoder.js";
import { frame, OP } from "../support/frames.js";
import { Notes, pushLent } from "./support/decoding.js";

const KIB = 1024;

/** A decoder whose receiver keeps each frame and does `use` with it. */
function reader(use: (received: InboundFrame) => void): {
  readonly frames: InboundFrame[];
  push(...texts: string[]): void;
} {
  const frames: InboundFrame[] = [];
  const receiver = new Notes();
  receiver.receivedMessage = (received) => {
    frames.push(received);
    use(received);
  };
  const decoder = new FrameDecoder({
    receiver,
    maxMessageBytes: 1_000_000,
    validateUtf8: true,
    inflate: undefined,
  });
  return {
    frames,
    push: (...texts) =>
      void pushLent(decoder, Buffer.concat(texts.map((text) => frame(OP.text, text)))),
  };
}

function quotes(count: number, size: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}:`.padEnd(size, "q"));
}

/**
 * Whether a frame shares bytes with others; one that was cut as a string gets its own when asked.
 */
function sharesBytes({ data }: InboundFrame): boolean {
  return data.buffer.byteLength !== data.length;
}

describe("a reader that asks for texts alone", () => {
  it("gets frames without bytes after some time, and the bytes when it asks for them", () => {
    const { frames, push } = reader((received) => void received.text());
    push(...quotes(100, 100));
    const later = quotes(40, 100);
    push(...later);
    const kept = frames.slice(100);
    expect(frames.slice(0, 40).every(sharesBytes)).toBe(true);
    expect(kept.map((each) => each.text())).toEqual(later);
    expect(kept.some(sharesBytes)).toBe(false);
    expect(kept.map(({ data }) => Buffer.from(data).toString())).toEqual(later);
    expect(kept[3]?.data).toBe(kept[3]?.data);
    expect(kept.map((each) => each.text())).toEqual(later);
  });

  it("keeps 16 KiB alive at most with a small text, and counts it once", () => {
    const { frames, push } = reader((received) => void received.text());
    push(...quotes(100, 100));
    push(...quotes(60, KIB));
    const pages = frames.slice(100).map(({ retainedBytes }) => retainedBytes);
    expect(Math.max(...pages)).toBeLessThanOrEqual(16 * KIB);
    expect(pages.filter((bytes) => bytes > 0).length).toBeLessThanOrEqual(6);
    expect(pages.reduce((sum, bytes) => sum + bytes)).toBeGreaterThanOrEqual(60 * KIB);
  });

  it("gets bytes for what is no ASCII", () => {
    const { frames, push } = reader((received) => void received.text());
    push(...quotes(100, 100));
    push("a".repeat(100), "€".repeat(50), "b".repeat(600));
    expect(frames.slice(100).map((each) => each.text())).toEqual([
      "a".repeat(100),
      "€".repeat(50),
      "b".repeat(600),
    ]);
  });
});

it("a reader that asks for bytes again gets shared pages again", () => {
  const { frames, push } = reader((received) => void received.text());
  push(...quotes(100, 100));
  push(...quotes(20, 100));
  for (const each of frames.slice(100)) void each.data;
  push(...quotes(20, 100));
  expect(frames.slice(120).every(sharesBytes)).toBe(true);
});

it("a reader that asks for both stays with bytes", () => {
  const { frames, push } = reader(
    (received) => void (received.text().length + received.data.length),
  );
  for (let i = 0; i < 10; i++) push(...quotes(100, 100));
  expect(frames.slice(100).every(sharesBytes)).toBe(true);
});

it("a small text that two reads bring shares the page of those behind it", () => {
  const got: InboundFrame[] = [];
  const receiver = new Notes();
  receiver.receivedMessage = (received) => got.push(received);
  const decoder = new FrameDecoder({
    receiver,
    maxMessageBytes: 1_000_000,
    validateUtf8: true,
    inflate: undefined,
  });
  const texts = quotes(30, 300);
  const bytes = Buffer.concat(texts.map((text) => frame(OP.text, text)));
  pushLent(decoder, bytes.subarray(0, 4_000));
  const first = got.length;
  pushLent(decoder, bytes.subarray(4_000));
  expect(got.map((each) => each.text())).toEqual(texts);
  const pages = got.slice(first).map(({ data }) => data.buffer);
  expect(new Set(pages).size).toBe(1);
  expect(pages[0]?.byteLength).toBeLessThanOrEqual(16 * KIB);
});
