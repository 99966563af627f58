import { WsError } from "@oath-ws/contract";
import type { TextFrame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { FrameQueue } from "../../src/leaf/frame-queue.js";
import { textFrame } from "../support/bytes.js";
import { FakeSignal } from "../support/fake-signal.js";
import { rejection, settle, watch } from "../support/outcome.js";

const LOST = new WsError({ kind: "connection", code: "SOCKET_LOST", message: "lost" });

describe("FrameQueue", () => {
  it("keeps the order through bursts longer than its array is kept for", () => {
    const queue = new FrameQueue<number>();
    let next = 0;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 3_000; i++) queue.push(round * 3_000 + i);
      for (let i = 0; i < 2_500; i++) expect(queue.shift()).toBe(next++);
    }
    while (queue.size > 0) expect(queue.shift()).toBe(next++);
    expect(next).toBe(15_000);
    expect(queue.shift()).toBeUndefined();
  });

  it("wakes the one who waits, and ends cleanly after what is stored", async () => {
    const queue = new FrameQueue<TextFrame>();
    const waiting = watch(queue.source.readable());
    queue.push(textFrame("a"));
    queue.end();
    await settle();
    expect(waiting.value).toBe(true);
    expect(await queue.source.readable()).toBe(true);
    expect(queue.source.take()).toEqual(textFrame("a"));
    expect(await queue.source.readable()).toBe(false);
  });

  it("ends with its error after what is stored, for every later reader too", async () => {
    const queue = new FrameQueue<TextFrame>();
    queue.push(textFrame("a"));
    queue.end(LOST);
    queue.end();
    const seen: TextFrame[] = [];
    const reading = (async () => {
      for await (const frame of queue.source) seen.push(frame);
    })();
    expect(await rejection(reading)).toBe(LOST);
    expect(seen).toEqual([textFrame("a")]);
    expect(await rejection(queue.source.readable())).toBe(LOST);
  });

  it("passes frames straight on once diverted, after those that wait, and still tells of the end", async () => {
    const queue = new FrameQueue<number>();
    queue.push(1);
    const received: number[] = [];
    queue.source.divert((frame) => received.push(frame));
    queue.push(2);
    expect(received).toEqual([1, 2]);
    expect(queue.source.take()).toBeUndefined();
    const end = watch(queue.source.readable());
    queue.end(LOST);
    await settle();
    expect(end.reason).toBe(LOST);
  });
});

describe("the one reader", () => {
  const busy = expect.objectContaining({ code: "READER_BUSY" }) as unknown;

  it("is alone: a second wait, loop or take is refused", async () => {
    const queue = new FrameQueue<number>();
    const first = watch(queue.source.readable());
    expect(await rejection(queue.source.readable())).toEqual(busy);
    expect(() => queue.source[Symbol.asyncIterator]()).toThrow(busy);
    queue.push(1);
    await settle();
    expect(first.value).toBe(true);
    const loop = queue.source[Symbol.asyncIterator]();
    expect(() => queue.source.take()).toThrow(busy);
    expect(await rejection(queue.source.readable())).toEqual(busy);
    await loop.return?.();
    expect(queue.source.take()).toBe(1);
  });

  it("may leave while a step waits, and the next reader is welcome", async () => {
    const queue = new FrameQueue<number>();
    const loop = queue.source[Symbol.asyncIterator]();
    const step = watch(loop.next());
    await loop.return?.();
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
    queue.push(1);
    expect(queue.source.take()).toBe(1);
  });

  it("is not thrown out by a step that was asked for too early", async () => {
    const queue = new FrameQueue<number>();
    const loop = queue.source[Symbol.asyncIterator]();
    const first = watch(loop.next());
    expect(await rejection(loop.next())).toEqual(busy);
    queue.push(1);
    await settle();
    expect(first.value).toEqual({ done: false, value: 1 });
  });

  it("can cancel its wait, and leaves no listener behind", async () => {
    const queue = new FrameQueue<number>();
    const signal = new FakeSignal();
    const waiting = watch(queue.source.readable({ signal }));
    signal.abort("enough");
    await settle();
    expect(waiting.reason).toBe("enough");
    expect(await rejection(queue.source.readable({ signal }))).toBe("enough");
    const again = watch(queue.source.readable({ signal: new FakeSignal() }));
    queue.push(1);
    await settle();
    expect([again.value, signal.listenerCount]).toEqual([true, 0]);
  });
});
