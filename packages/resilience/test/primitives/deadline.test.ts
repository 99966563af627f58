import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { scheduleDeadline } from "../../src/primitives/deadline.js";

const DELAY_MS = 1_000;

function set() {
  const timer = new VirtualTimer();
  const happened: string[] = [];
  const cancel = scheduleDeadline(timer, DELAY_MS, () => void happened.push("verdict"));
  return { timer, happened, cancel };
}

describe("scheduleDeadline", () => {
  it("runs at the deadline, once, when the loop is on time", () => {
    const { timer, happened } = set();
    timer.advance(DELAY_MS - 1);
    expect(happened).toEqual([]);
    timer.advance(1);
    expect(happened).toEqual(["verdict"]);
    timer.advance(DELAY_MS);
    expect([happened.length, timer.pendingCount]).toEqual([1, 0]);
  });

  it.each([
    // Late by 50 ms is not yet a blocked loop.
    [DELAY_MS + 50, ["verdict", "read"]],
    [DELAY_MS + 51, ["read", "verdict"]],
  ])("fired after %s ms, does this in order: %s", (blockedMs, order) => {
    const { timer, happened } = set();
    timer.scheduleArrival(10, () => void happened.push("read"));
    timer.block(blockedMs);
    timer.advance(0);
    expect(happened).toEqual(order);
  });

  it("waits for one poll phase only, however late the loop is again", () => {
    const { timer, happened } = set();
    timer.scheduleArrival(10, () => {
      timer.block(DELAY_MS);
      timer.scheduleArrival(0, () => void happened.push("read"));
    });
    timer.block(DELAY_MS + 51);
    timer.advance(0);
    expect(happened).toEqual(["verdict", "read"]);
  });

  it("can be cancelled in that poll phase", () => {
    const { timer, happened, cancel } = set();
    timer.scheduleArrival(10, cancel);
    timer.stall(DELAY_MS * 2);
    expect([happened, timer.pendingCount]).toEqual([[], 0]);
  });

  it("can be cancelled before", () => {
    const { timer, happened, cancel } = set();
    cancel();
    expect(timer.pendingCount).toBe(0);
    timer.advance(DELAY_MS);
    expect(happened).toEqual([]);
  });
});
