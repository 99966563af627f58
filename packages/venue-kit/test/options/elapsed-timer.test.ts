import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { elapsedTimer } from "../../src/options/elapsed-timer.js";

const HOUR_MS = 3_600_000;

describe("an elapsed timer", () => {
  it("counts sleep, ignores a clock that is set back, and does not add up its noise", () => {
    const timer = new VirtualTimer({ nowMs: 1_000 });
    const elapsed = elapsedTimer(timer);
    timer.advance(500);
    expect(elapsed.now()).toBe(1_500);
    timer.sleep(HOUR_MS);
    expect(elapsed.now()).toBe(1_500 + HOUR_MS);
    timer.stepWall(-2 * HOUR_MS);
    timer.advance(100);
    expect(elapsed.now()).toBe(1_600 + HOUR_MS);
    timer.sleep(HOUR_MS);
    expect(elapsed.now()).toBe(1_600 + 2 * HOUR_MS);
    for (let index = 0; index < 1_000; index++) {
      timer.stepWall(index % 2 === 0 ? 1 : -1);
      elapsed.now();
    }
    // The noise of the wall clock counts once.
    expect(elapsed.now()).toBe(1_601 + 2 * HOUR_MS);
  });

  it("runs at the delay exactly, and within a second after a sleep that was longer", () => {
    const timer = new VirtualTimer();
    const elapsed = elapsedTimer(timer);
    const runs: number[] = [];
    elapsed.schedule(10_000.5, () => runs.push(timer.now()));
    timer.advance(10_000);
    expect(runs).toEqual([]);
    timer.advance(0.5);
    expect(runs).toEqual([10_000.5]);
    elapsed.schedule(10_000, () => runs.push(timer.now()));
    timer.sleep(HOUR_MS);
    timer.advance(1_000);
    expect(runs).toHaveLength(2);
    expect(timer.pendingCount).toBe(0);
  });

  it("looks for a sleep once a second for all waits together, and ends them all after it", () => {
    const timer = new VirtualTimer();
    let armed = 0;
    const counted = {
      now: () => timer.now(),
      wallNow: () => timer.wallNow(),
      schedule: (ms: number, run: () => void) => {
        armed++;
        return timer.schedule(ms, run);
      },
    };
    const elapsed = elapsedTimer(counted);
    const order: number[] = [];
    for (let wait = 0; wait < 20; wait++) elapsed.schedule(60_000 + wait, () => order.push(wait));
    timer.advance(30_000);
    expect(armed).toBeLessThanOrEqual(20 + 31);
    timer.sleep(HOUR_MS);
    timer.advance(1_000);
    expect(order).toEqual(Array.from({ length: 20 }, (_, wait) => wait));
    expect(timer.pendingCount).toBe(0);
  });

  it("can be cancelled in every step", () => {
    const timer = new VirtualTimer();
    const cancel = elapsedTimer(timer).schedule(5_000, () => expect.fail("cancelled"));
    timer.advance(2_500);
    cancel();
    expect(timer.pendingCount).toBe(0);
    timer.advance(5_000);
  });

  it("takes what arrives with the first look after a sleep for older than it", () => {
    const timer = new VirtualTimer();
    const elapsed = elapsedTimer(timer);
    expect(elapsedTimer(timer)).toBe(elapsed);
    expect(elapsedTimer(elapsed)).toBe(elapsed);
    timer.sleep(HOUR_MS);
    expect(elapsed.arrived(0)).toBe(0);
    expect(elapsed.arrived(0)).toBe(HOUR_MS);
  });

  it("takes what arrived before a sleep for older than it, also when another look noticed it", () => {
    const timer = new VirtualTimer();
    const elapsed = elapsedTimer(timer);
    timer.advance(10);
    timer.sleep(HOUR_MS);
    timer.advance(1);
    // Another user of the timer, such as a deadline, is the one that notices.
    elapsed.now();
    expect(elapsed.arrived(10)).toBe(10);
    expect(elapsed.arrived(11)).toBe(11 + HOUR_MS);
  });
});
