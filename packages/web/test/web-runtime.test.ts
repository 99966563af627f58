import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { webRandom, webSpawn, webTimer } from "../src/web-runtime.js";

describe("webTimer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("runs once, when it is due, and never synchronously", () => {
    const run = vi.fn<() => void>();
    webTimer.schedule(0, run);
    webTimer.schedule(-5, run);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("can be cancelled", () => {
    const run = vi.fn<() => void>();
    webTimer.schedule(10, run)();
    vi.advanceTimersByTime(100);
    expect(run).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["setImmediate", "setTimeout"] as const)(
    "with a delay of 0 comes after the sockets were read, where the platform can (%s)",
    (means) => {
      if (means === "setTimeout") vi.stubGlobal("setImmediate", undefined);
      const used = vi.spyOn(globalThis, means);
      const run = vi.fn<() => void>();
      webTimer.schedule(0, run);
      webTimer.schedule(0, run)();
      expect(used).toHaveBeenCalledTimes(2);
      vi.unstubAllGlobals();
      vi.advanceTimersByTime(1);
      expect(run).toHaveBeenCalledOnce();
      expect(vi.getTimerCount()).toBe(0);
      used.mockRestore();
    },
  );

  it("counts further than the platform's timers, and can be cancelled there too", () => {
    const run = vi.fn<() => void>();
    const days = 30 * 24 * 3600 * 1000;
    webTimer.schedule(days, run);
    const cancel = webTimer.schedule(days, run);
    vi.advanceTimersByTime(days - 1);
    expect(run).not.toHaveBeenCalled();
    cancel();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  it("waits out a timer that fires early", () => {
    const run = vi.fn<() => void>();
    webTimer.schedule(1.5, run);
    vi.advanceTimersByTime(1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses a delay of %s", (delay) => {
    expect(() => webTimer.schedule(delay, () => undefined)).toThrow(RangeError);
  });

  it("has two clocks", () => {
    vi.setSystemTime(1234);
    expect(webTimer.wallNow()).toBe(1234);
    const before = webTimer.now();
    vi.advanceTimersByTime(10);
    expect(webTimer.now() - before).toBe(10);
  });
});

it("webRandom draws from [0, 1)", () => {
  const drawn = Array.from({ length: 100 }, () => webRandom.next());
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(1);
});

describe("webSpawn", () => {
  it("polls later than the call, several wakes make one turn, a wake during a turn makes another", async () => {
    let turns = 0;
    let wakeLater: () => void = () => undefined;
    webSpawn.spawn({
      poll(wake) {
        turns++;
        wakeLater = wake;
        if (turns === 1) wake();
        return turns === 3 ? "done" : "pending";
      },
    });
    expect(turns).toBe(0);
    await Promise.resolve().then(() => undefined);
    expect(turns).toBe(2);
    wakeLater();
    wakeLater();
    expect(turns).toBe(2);
    await Promise.resolve();
    expect(turns).toBe(3);
    wakeLater();
    await Promise.resolve();
    expect(turns).toBe(3);
  });

  it("lets the event loop in, however often a task wakes itself", async () => {
    let turns = 0;
    let stop = false;
    webSpawn.spawn({
      poll(wake) {
        turns++;
        wake();
        return stop ? "done" : "pending";
      },
    });
    // Would never fire if turns were microtasks for ever.
    await new Promise((resolve) => setTimeout(resolve, 0));
    stop = true;
    expect(turns).toBeGreaterThanOrEqual(127);
  });
});
