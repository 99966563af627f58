import { isWsError, WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { batchesOf } from "../../src/primitives/batches.js";
import { ReadHalf } from "../../src/primitives/read-half.js";
import { FakeSignal } from "../support/fake-signal.js";
import { failure } from "../support/failures.js";
import { rejection, settle, watch } from "../support/outcome.js";

/** A store that the test fills without telling the reader. */
class Store {
  readonly frames: string[] = [];

  shift(): string | undefined {
    return this.frames.shift();
  }

  get size(): number {
    return this.frames.length;
  }
}

function half(...frames: readonly string[]): {
  store: Store;
  source: ReadHalf<string>;
  push: (frame: string) => void;
} {
  const store = new Store();
  store.frames.push(...frames);
  const source = new ReadHalf(store);
  const push = (frame: string) => {
    store.frames.push(frame);
    source.wake();
  };
  return { store, source, push };
}

function expectBusy(error: unknown): void {
  expect(isWsError(error)).toBe(true);
  expect(error).toMatchObject({ kind: "client", code: "READER_BUSY" });
}

/** What a `for await` was given until it ended or threw. */
async function collect(
  source: AsyncIterable<string>,
): Promise<{ frames: string[]; error: unknown }> {
  const frames: string[] = [];
  try {
    for await (const frame of source) frames.push(frame);
  } catch (error) {
    return { frames, error };
  }
  return { frames, error: undefined };
}

describe("ReadHalf, take() and readable()", () => {
  it("takes what is there in order and then nothing, without an end", () => {
    const { source } = half("a", "b");
    expect([source.take(), source.take(), source.take()]).toEqual(["a", "b", undefined]);
  });

  it("is readable at once while something is stored", async () => {
    await expect(half("a").source.readable()).resolves.toBe(true);
  });

  it("waits until something is stored", async () => {
    const { source, push } = half();
    const readable = watch(source.readable());
    await settle();
    expect(readable.state).toBe("pending");
    push("a");
    await settle();
    expect(readable.value).toBe(true);
    expect(source.take()).toBe("a");
  });

  it("is not woken for nothing", async () => {
    const { source } = half();
    const readable = watch(source.readable());
    source.wake();
    await settle();
    expect(readable.state).toBe("pending");
  });

  it("can wait again, and again", async () => {
    const { source, push } = half();
    for (const frame of ["a", "b", "c"]) {
      const readable = source.readable();
      push(frame);
      await expect(readable).resolves.toBe(true);
      expect(source.take()).toBe(frame);
    }
  });
});

describe("ReadHalf, the end", () => {
  it("is false once the source has ended and is empty, for ever", async () => {
    const { source } = half("a");
    source.end();
    await expect(source.readable()).resolves.toBe(true);
    source.take();
    await expect(source.readable()).resolves.toBe(false);
    await expect(source.readable()).resolves.toBe(false);
    expect(source.take()).toBeUndefined();
  });

  it("reaches a reader who waits", async () => {
    const { source } = half();
    const readable = watch(source.readable());
    source.end();
    await settle();
    expect(readable.value).toBe(false);
  });

  it("with an error throws that error, after every frame that came before it", async () => {
    const error = failure();
    const { source } = half("a");
    source.end(error);
    await expect(source.readable()).resolves.toBe(true);
    expect(source.take()).toBe("a");
    expect(await rejection(source.readable())).toBe(error);
    expect(await rejection(source.readable())).toBe(error);
  });

  it("with an error reaches a reader who waits", async () => {
    const error = failure();
    const { source } = half();
    const readable = watch(source.readable());
    source.end(error);
    await settle();
    expect(readable.reason).toBe(error);
  });

  it("counts once: the first reason stays", async () => {
    const { source } = half();
    source.end();
    source.end(failure());
    await expect(source.readable()).resolves.toBe(false);
  });

  it("does not leave a reader waiting when frames were stored and never announced", async () => {
    const { store, source } = half();
    const readable = watch(source.readable());
    store.frames.push("a");
    source.end(failure());
    await settle();
    expect(readable.value).toBe(true);
    expect(source.take()).toBe("a");
  });
});

describe("ReadHalf, cancelling", () => {
  it("ends the wait with the signal's reason and leaves the source usable", async () => {
    const { source, push } = half();
    const signal = new FakeSignal();
    const readable = watch(source.readable({ signal }));
    signal.abort("enough");
    await settle();
    expect(readable.reason).toBe("enough");
    expect(signal.listenerCount).toBe(0);
    const again = source.readable();
    push("a");
    await expect(again).resolves.toBe(true);
  });

  it("does not wait at all for a signal that was aborted before, also when frames are there", async () => {
    const signal = new FakeSignal();
    signal.abort("too late");
    expect(await rejection(half("a").source.readable({ signal }))).toBe("too late");
  });

  it("takes a real AbortSignal", async () => {
    const controller = new AbortController();
    const readable = rejection(half().source.readable({ signal: controller.signal }));
    controller.abort();
    expect(await readable).toBe(controller.signal.reason);
  });

  it.each([
    ["a frame", (one: ReturnType<typeof half>) => one.push("a")],
    ["the end", (one: ReturnType<typeof half>) => one.source.end()],
    ["an error", (one: ReturnType<typeof half>) => one.source.end(failure())],
  ])("leaves no listener behind after %s", async (_, happen) => {
    const one = half();
    const signal = new FakeSignal();
    watch(one.source.readable({ signal }));
    expect(signal.listenerCount).toBe(1);
    happen(one);
    await settle();
    expect(signal.listenerCount).toBe(0);
  });
});

describe("ReadHalf, a second reader", () => {
  it("is refused while a readable() waits, and does not disturb it", async () => {
    const { source, push } = half();
    const first = watch(source.readable());
    expectBusy(await rejection(source.readable()));
    expect(() => source[Symbol.asyncIterator]()).toThrow("a readable() waits on it");
    push("a");
    await settle();
    expect(first.value).toBe(true);
  });

  it("may take() while a readable() waits: it is the same reader's other hand", () => {
    const { source } = half();
    watch(source.readable());
    expect(source.take()).toBeUndefined();
  });

  it.each([
    ["before its first step", false],
    ["between two steps", true],
  ])("is refused in every way while a for await holds it, %s", async (_, stepped) => {
    const { source } = half("a", "b");
    const iterator = source[Symbol.asyncIterator]();
    if (stepped) await iterator.next();
    expectBusy(await rejection(source.readable()));
    expect(() => source.take()).toThrow("a for await loop holds it");
    expect(() => source[Symbol.asyncIterator]()).toThrow("a for await loop holds it");
    expect((await iterator.next()).done).toBe(false);
  });

  it("is refused by an error that can be told by its code", () => {
    const { source } = half();
    source[Symbol.asyncIterator]();
    try {
      source.take();
      expect.unreachable();
    } catch (error) {
      expectBusy(error);
    }
  });
});

describe("ReadHalf, for await", () => {
  it("gives every frame in order, those that come later too, and ends with the source", async () => {
    const { source, push } = half("a", "b");
    const all = collect(source);
    await settle();
    push("c");
    await settle();
    push("d");
    source.end();
    expect(await all).toEqual({ frames: ["a", "b", "c", "d"], error: undefined });
  });

  it("throws the error after the last frame, and lets go of the source", async () => {
    const error = failure();
    const { source } = half("a");
    source.end(error);
    expect(await collect(source)).toEqual({ frames: ["a"], error });
    expect(source.take()).toBeUndefined();
    expect(await collect(source)).toEqual({ frames: [], error });
  });

  it("lets go of the source on break, and the rest is there for the next reader", async () => {
    const { source, push } = half("a", "b", "c");
    for await (const frame of source) if (frame === "b") break;
    expect(source.take()).toBe("c");
    push("d");
    source.end();
    expect((await collect(source)).frames).toEqual(["d"]);
  });

  it("lets go of the source when the loop's body throws", async () => {
    const { source } = half("a", "b");
    const loop = async () => {
      for await (const frame of source) throw new Error(frame);
    };
    await expect(loop()).rejects.toThrow("a");
    expect(source.take()).toBe("b");
  });

  it("stays ended after its return()", async () => {
    const { source, push } = half("a");
    const iterator = source[Symbol.asyncIterator]();
    await iterator.return?.();
    push("b");
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(source.take()).toBe("a");
  });

  it("does not let an iterator that ended let go of the source that another one holds", async () => {
    const { source } = half("a");
    const first = source[Symbol.asyncIterator]();
    await first.return?.();
    source[Symbol.asyncIterator]();
    await first.return?.();
    expect(() => source.take()).toThrow("a for await loop holds it");
  });
});

describe("ReadHalf, return() while a step waits", () => {
  it("ends the step and the loop at once, and frees the source", async () => {
    const { source, push } = half();
    const iterator = source[Symbol.asyncIterator]();
    const step = watch(iterator.next());
    const returned = watch(iterator.return!());
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
    expect(returned.value).toEqual({ done: true, value: undefined });
    push("a");
    expect(source.take()).toBe("a");
  });

  it("loses no frame that came between", async () => {
    const { source, push } = half();
    const iterator = source[Symbol.asyncIterator]();
    const step = watch(iterator.next());
    push("a");
    watch(iterator.return!());
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
    expect(source.take()).toBe("a");
  });
});

describe("ReadHalf, several steps at once", () => {
  it("refuses a step that is asked for while another one waits, and the first goes on", async () => {
    const { source, push } = half();
    const iterator = source[Symbol.asyncIterator]();
    const first = watch(iterator.next());
    expectBusy(await rejection(iterator.next()));
    push("a");
    await settle();
    expect(first.value).toEqual({ done: false, value: "a" });
  });

  it("does not take an overtaken step for the end of the source", async () => {
    const { source, push } = half();
    const iterator = source[Symbol.asyncIterator]();
    const first = watch(iterator.next());
    push("a");
    const second = watch(iterator.next());
    push("b");
    await settle();
    push("c");
    await settle();
    expect([second, first].map((step) => step.value?.value)).toEqual(["a", "b"]);
    expect(await iterator.next()).toEqual({ done: false, value: "c" });
  });

  it("keeps a step waiting whose frame was taken by another one", async () => {
    const { source, push } = half();
    const iterator = source[Symbol.asyncIterator]();
    const first = watch(iterator.next());
    push("a");
    const second = watch(iterator.next());
    await settle();
    expect(second.value).toEqual({ done: false, value: "a" });
    expect(first.state).toBe("pending");
    push("b");
    await settle();
    expect(first.value).toEqual({ done: false, value: "b" });
  });
});

describe("batches()", () => {
  it("yields everything that waits, and 1 024 frames at most, then waits for more", async () => {
    const { source, push } = numbers(1_030);
    const batches = source.batches()[Symbol.asyncIterator]();
    const first = (await batches.next()) as IteratorResult<readonly number[], undefined>;
    const second = (await batches.next()) as IteratorResult<readonly number[], undefined>;
    expect([first.value?.length, second.value?.length]).toEqual([1_024, 6]);
    expect([...(first.value ?? []), ...(second.value ?? [])]).toEqual(
      Array.from({ length: 1_030 }, (_, i) => i + 1),
    );
    const third = batches.next();
    push(7);
    expect(await third).toEqual({ done: false, value: [7] });
    source.end();
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it("holds the source like any loop, from its first step on, and releases it at the end", async () => {
    const { source } = numbers(3);
    const batches = source.batches();
    expect(source.take()).toBe(1);
    for await (const batch of batches) {
      expect(batch).toEqual([2, 3]);
      expect(() => source.take()).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
      expect(() => source[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: "READER_BUSY" }),
      );
      expect(() => batches[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: "READER_BUSY" }),
      );
      break;
    }
    expect(source.take()).toBeUndefined();
  });

  it("gives what waits before it throws what ended the source", async () => {
    const { source } = numbers(2);
    source.end(new WsError({ kind: "connection", code: "LOST", message: "lost" }));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const batch of source.batches()) seen.push(...batch);
      })(),
    ).rejects.toMatchObject({ code: "LOST" });
    expect(seen).toEqual([1, 2]);
  });

  it("of a source that wraps another one come from its take() and readable()", async () => {
    const { source } = numbers(3);
    source.end();
    const seen: (readonly number[])[] = [];
    for await (const batch of batchesOf(source)) seen.push(batch);
    expect(seen).toEqual([[1, 2, 3]]);
  });
});

/** A source in which the numbers from 1 on wait. */
function numbers(count: number): { source: ReadHalf<number>; push: (number: number) => void } {
  const waiting = Array.from({ length: count }, (_, index) => index + 1);
  const source = new ReadHalf<number>({
    shift: () => waiting.shift(),
    get size() {
      return waiting.length;
    },
  });
  const push = (number: number): void => {
    waiting.push(number);
    source.wake();
  };
  return { source, push };
}

describe("ReadHalf, borrow()", () => {
  class LendingStore extends Store {
    readonly takenBack: string[] = [];

    takeBack(frame: string): void {
      this.takenBack.push(frame);
    }
  }

  function lending(...frames: string[]): { store: LendingStore; source: ReadHalf<string> } {
    const store = new LendingStore();
    store.frames.push(...frames);
    return { store, source: new ReadHalf(store) };
  }

  it.each<readonly [string, (source: ReadHalf<string>) => unknown]>([
    ["borrow", (source) => source.borrow()],
    ["take", (source) => source.take()],
    ["readable", (source) => source.readable()],
    ["for await", (source) => source[Symbol.asyncIterator]()],
    ["batches", (source) => source.batches()[Symbol.asyncIterator]()],
  ])("lends a frame until the next call: %s()", (_name, call) => {
    const { store, source } = lending("a", "b");
    expect(source.borrow()).toBe("a");
    expect(store.takenBack).toEqual([]);
    void call(source);
    expect(store.takenBack).toEqual(["a"]);
  });

  it("gives a frame back once, and what was taken never", () => {
    const { store, source } = lending("a", "b", "c");
    source.borrow();
    source.take();
    source.take();
    expect([source.borrow(), source.borrow()]).toEqual([undefined, undefined]);
    expect(store.takenBack).toEqual(["a"]);
  });

  it("is refused while a loop holds the source, and works over a store that lends nothing", () => {
    const { source } = half("a", "b");
    expect([source.borrow(), source.borrow()]).toEqual(["a", "b"]);
    source[Symbol.asyncIterator]();
    expect(() => source.borrow()).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
  });
});
