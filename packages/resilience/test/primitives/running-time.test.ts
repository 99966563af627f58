import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { scheduleRunningTime } from "../../src/primitives/running-time.js";

function set(timeoutMs: number) {
  const timer = new VirtualTimer();
  const ranAt: number[] = [];
  const cancel = scheduleRunningTime(timer, timeoutMs, () => void ranAt.push(timer.now()));
  return { timer, ranAt, cancel };
}

describe("scheduleRunningTime", () => {
  it.each([1, 49, 333, 1_000, 10_000])(
    "of %s ms is exact while the loop is on time",
    (timeoutMs) => {
      const { timer, ranAt } = set(timeoutMs);
      timer.advance(timeoutMs - 1);
      expect(ranAt).toEqual([]);
      timer.advance(timeoutMs);
      expect([ranAt, timer.pendingCount]).toEqual([[timeoutMs], 0]);
    },
  );

  it.each([
    // It began in the third step, of which 50 ms were left.
    [250, 5_000, 1_000 + 5_000 - 50],
    // Longer than any timeout: what was blocked in one piece never counts.
    [0, 3_600_000, 1_000 + 3_600_000 - 100],
    // Late by 50 ms is not yet a blocked loop.
    [50, 100, 1_000],
  ])("after %s ms, blocked for %s ms, ends at %s", (afterMs, blockedMs, endsAt) => {
    const { timer, ranAt } = set(1_000);
    timer.advance(afterMs);
    timer.stall(blockedMs);
    timer.advance(10_000);
    expect(ranAt).toEqual([endsAt]);
  });

  it("ends also when the loop is always late, and reads the sockets once more then", () => {
    const { timer, ranAt } = set(1_000);
    for (let i = 0; i < 100 && ranAt.length === 0; i++) timer.stall(200);
    // Of ten turns of 200 ms half does not count.
    expect(ranAt).toEqual([2_000]);
  });

  it("can be cancelled in any step", () => {
    for (const afterMs of [0, 100, 950]) {
      const { timer, ranAt, cancel } = set(1_000);
      timer.advance(afterMs);
      cancel();
      expect(timer.pendingCount).toBe(0);
      timer.advance(5_000);
      expect(ranAt).toEqual([]);
    }
  });
});
