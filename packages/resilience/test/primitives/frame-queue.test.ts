import { describe, expect, it } from "vitest";
import { FrameQueue } from "../../src/primitives/frame-queue.js";
import { failure } from "../support/failures.js";
import { rejection, settle, watch } from "../support/outcome.js";

describe("FrameQueue", () => {
  it("is a queue whose source wakes with every push", async () => {
    const queue = new FrameQueue<string>();
    const readable = watch(queue.source.readable());
    queue.push("a");
    queue.push("b");
    await settle();
    expect(readable.value).toBe(true);
    expect(queue.size).toBe(2);
    expect([queue.source.take(), queue.source.take(), queue.source.take()]).toEqual([
      "a",
      "b",
      undefined,
    ]);
    expect(queue.size).toBe(0);
  });

  it("ends after what was pushed, with the error if there is one", async () => {
    const error = failure();
    const queue = new FrameQueue<string>();
    queue.push("a");
    queue.end(error);
    expect(queue.source.take()).toBe("a");
    expect(await rejection(queue.source.readable())).toBe(error);
  });

  it("ends cleanly without one", async () => {
    const queue = new FrameQueue<string>();
    queue.end();
    await expect(queue.source.readable()).resolves.toBe(false);
  });

  it("keeps order and size through bursts that are taken in part, in full, and in turns with pushes", () => {
    const queue = new FrameQueue<number>();
    let pushed = 0;
    let taken = 0;
    const push = (count: number) => {
      for (let i = 0; i < count; i++) queue.push(pushed++);
    };
    const take = (count: number) => {
      for (let i = 0; i < count; i++) expect(queue.shift()).toBe(taken++);
      expect(queue.size).toBe(pushed - taken);
    };
    // Around the sizes at which the array is cut.
    push(5_000);
    take(1_024);
    take(1_477);
    take(1);
    push(10);
    take(2_508);
    expect(queue.size).toBe(0);
    expect(queue.shift()).toBeUndefined();
    for (let i = 0; i < 3_000; i++) {
      push(2);
      take(1);
    }
    take(3_000);
    push(3);
    take(3);
    expect(queue.shift()).toBeUndefined();
  });

  it("lets go of a frame that was taken", () => {
    const queue = new FrameQueue<object | undefined>();
    queue.push(undefined);
    queue.push({});
    // An `undefined` among the frames is a frame, and not the end of the queue.
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(1);
  });
});
