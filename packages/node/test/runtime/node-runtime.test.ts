import type { Task } from "@oath-ws/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nodeRandom, nodeSpawn, nodeTimer } from "../../src/runtime/node-runtime.js";

describe("nodeTimer", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("runs once, later, and not before the delay", async () => {
    const start = nodeTimer.now();
    let returned = false;
    await new Promise<void>((resolve) => {
      nodeTimer.schedule(5, () => {
        expect(returned).toBe(true);
        resolve();
      });
      returned = true;
    });
    expect(nodeTimer.now() - start).toBeGreaterThanOrEqual(5);
  });

  it("holds the process until it has run or is cancelled: in an outage there is no socket to do so", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const cancel = nodeTimer.schedule(3_600_000, () => undefined);
    expect(timers()).toBe(before + 1);
    cancel();
    expect(timers()).toBe(before);
    await new Promise<void>((resolve) => {
      nodeTimer.schedule(1, resolve);
      expect(timers()).toBe(before + 1);
    });
  });

  it("is never synchronous, also for 0 and for a delay in the past", async () => {
    const order: string[] = [];
    const runs = [0, -5].map(
      (delay) =>
        new Promise<void>((resolve) => {
          nodeTimer.schedule(delay, () => {
            order.push("run");
            resolve();
          });
        }),
    );
    order.push("scheduled");
    await Promise.all(runs);
    expect(order).toEqual(["scheduled", "run", "run"]);
  });

  it("waits out a delay that Node's timers cannot count", () => {
    vi.useFakeTimers();
    const run = vi.fn();
    const delay = 3 * 2 ** 31 + 7;
    nodeTimer.schedule(delay, run);
    vi.advanceTimersByTime(delay - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("cancels, also in a later leg of a long delay, and leaves no timer behind", () => {
    vi.useFakeTimers();
    const run = vi.fn();
    const cancel = nodeTimer.schedule(2 ** 33, run);
    vi.advanceTimersByTime(2 ** 32);
    expect(vi.getTimerCount()).toBe(1);
    cancel();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2 ** 34);
    expect(run).not.toHaveBeenCalled();
  });

  it("refuses a delay that is no finite number", () => {
    for (const delay of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => nodeTimer.schedule(delay, () => undefined)).toThrow(RangeError);
    }
  });

  it("tells the wall clock in Unix milliseconds", () => {
    expect(Math.abs(nodeTimer.wallNow() - Date.now())).toBeLessThan(60_000);
  });
});

describe("nodeSpawn", () => {
  /** Lets all microtasks and one trip through the event loop happen. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("polls once after spawn, in a microtask, and again after each wake", async () => {
    let wake = (): void => undefined;
    const poll = vi.fn<Task["poll"]>((given) => {
      wake = given;
      return "pending";
    });
    nodeSpawn.spawn({ poll });
    expect(poll).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(poll).toHaveBeenCalledTimes(1);
    wake();
    wake();
    wake();
    expect(poll).toHaveBeenCalledTimes(1);
    await settle();
    expect(poll).toHaveBeenCalledTimes(2);
  });

  it("makes another turn of a wake during a turn, never a nested one", async () => {
    let depth = 0;
    let turns = 0;
    nodeSpawn.spawn({
      poll: (wake) => {
        expect(depth++).toBe(0);
        if (++turns < 3) {
          wake();
          wake();
        }
        depth--;
        return "pending";
      },
    });
    await settle();
    expect(turns).toBe(3);
  });

  it("never polls after done, not even one that was woken in its last turn", async () => {
    let wake = (): void => undefined;
    const poll = vi.fn<Task["poll"]>((given) => {
      wake = given;
      given();
      return "done";
    });
    nodeSpawn.spawn({ poll });
    await settle();
    wake();
    await settle();
    expect(poll).toHaveBeenCalledTimes(1);
  });

  it("lets the event loop turn although a task wakes itself for ever", async () => {
    let stop = false;
    nodeSpawn.spawn({
      poll: (wake) => {
        wake();
        return stop ? "done" : "pending";
      },
    });
    await settle();
    await settle();
    stop = true;
  });

  it("lets the exception of a turn surface, and keeps the task wakeable", async () => {
    const uncaught: unknown[] = [];
    // vitest has listeners of its own, which would fail the run.
    const others = process.rawListeners("uncaughtException") as NodeJS.UncaughtExceptionListener[];
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    const boom = new Error("boom");
    let turns = 0;
    let wake = (): void => undefined;
    try {
      nodeSpawn.spawn({
        poll: (given) => {
          wake = given;
          if (++turns === 1) throw boom;
          return "done";
        },
      });
      await settle();
      wake();
      await settle();
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
    expect(uncaught).toEqual([boom]);
    expect(turns).toBe(2);
  });
});

it("nodeRandom stays in [0, 1)", () => {
  for (let i = 0; i < 1000; i++) {
    const value = nodeRandom.next();
    expect(value >= 0 && value < 1).toBe(true);
  }
});
