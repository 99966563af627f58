import { expect, it, vi } from "vitest";
import { microtasksDrained } from "../src/macrotask.js";

it("a macrotask waits for promise reactions, however many follow each other", async () => {
  let steps = 0;
  const chain = async (): Promise<void> => {
    for (; steps < 1000; steps++) await Promise.resolve();
  };
  void chain();
  await microtasksDrained();
  expect(steps).toBe(1000);
});

it("a macrotask is not stopped by a test runner's fake timers", async () => {
  vi.useFakeTimers();
  try {
    await microtasksDrained();
  } finally {
    vi.useRealTimers();
  }
});

it.each([["MessageChannel"], ["setTimeout"]])(
  "a macrotask falls back to %s where there is no setImmediate",
  async (kept) => {
    vi.stubGlobal("setImmediate", undefined);
    if (kept === "setTimeout") vi.stubGlobal("MessageChannel", undefined);
    vi.resetModules();
    try {
      const fresh = await import("../src/macrotask.js");
      let ran = false;
      void Promise.resolve().then(() => {
        ran = true;
      });
      await Promise.all([fresh.microtasksDrained(), fresh.microtasksDrained()]);
      expect(ran).toBe(true);
    } finally {
      vi.unstubAllGlobals();
    }
  },
);
