import { expect, it, onTestFinished, vi } from "vitest";
import { stopSignal } from "../src/stop-signal.js";

const DAY_MS = 86_400_000;

it("a time longer than the platform's timers can count is waited for, and not taken for none", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { signal, release } = stopSignal(60 * DAY_MS);
  vi.advanceTimersByTime(59 * DAY_MS);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(signal.aborted).toBe(true);
  release();
});
