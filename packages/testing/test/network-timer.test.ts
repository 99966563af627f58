import { describe, expect, it } from "vitest";
import { arrive } from "../src/network-timer.js";
import { VirtualTimer } from "../src/virtual-timer.js";

describe("arrive", () => {
  it("needs no time when none is given, but is never synchronous", async () => {
    const log: string[] = [];
    const timer = new VirtualTimer();
    arrive(timer, undefined, () => log.push("arrived"));
    arrive(timer, undefined, () => log.push("cancelled"))();
    expect(log).toEqual([]);
    await Promise.resolve();
    expect(log).toEqual(["arrived"]);
  });

  it("comes after the timers of the same instant, on a timer that tells them apart", () => {
    const log: string[] = [];
    const timer = new VirtualTimer();
    arrive(timer, 5, () => log.push("arrived"));
    arrive(timer, 5, () => log.push("cancelled"))();
    timer.schedule(5, () => log.push("timer"));
    timer.advance(5);
    expect(log).toEqual(["timer", "arrived"]);
  });

  it("works on any timer", () => {
    const log: string[] = [];
    const timer = new VirtualTimer();
    const plain = {
      now: () => timer.now(),
      wallNow: () => timer.wallNow(),
      schedule: timer.schedule.bind(timer),
    };
    arrive(plain, 5, () => log.push("arrived"));
    timer.advance(5);
    expect(log).toEqual(["arrived"]);
  });
});
