import type { Frame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { Outbox } from "../src/outbox.js";

const frame = (...bytes: number[]): Frame => ({ kind: "binary", data: new Uint8Array(bytes) });

function setUp(): { outbox: Outbox; left: number[][]; done: number[]; send: (n: number) => void } {
  const left: number[][] = [];
  const done: number[] = [];
  const outbox = new Outbox(({ data }) => left.push([...data]));
  return { outbox, left, done, send: (n) => outbox.send(frame(n), () => done.push(n)) };
}

describe("Outbox", () => {
  it("lets frames leave at once, with payloads of their own", () => {
    const frames: Frame[] = [];
    const outbox = new Outbox((left) => frames.push(left));
    for (const data of [new Uint8Array([1]), Buffer.from([1])]) {
      outbox.send({ kind: "binary", data });
      data.fill(9);
    }
    expect(frames.map(({ data }) => data[0])).toEqual([1, 1]);
  });

  it("keeps frames while blocked, counts their bytes, and lets them leave in order", () => {
    const { outbox, left, done, send } = setUp();
    outbox.block();
    send(1);
    send(2);
    expect([left, done, outbox.bytes]).toEqual([[], [], 6]);
    outbox.unblock();
    send(3);
    expect([left, done, outbox.bytes]).toEqual([[[1], [2], [3]], [1, 2, 3], 0]);
  });

  it("counts an empty frame that waits, too", () => {
    const { outbox } = setUp();
    outbox.block();
    outbox.send(frame());
    expect(outbox.bytes).toBe(2);
  });

  it("forgets what waits when it is cleared", () => {
    const { outbox, left, done, send } = setUp();
    outbox.block();
    send(1);
    outbox.clear();
    outbox.unblock();
    expect([left, done, outbox.bytes]).toEqual([[], [], 0]);
  });
});
