import { VirtualTimer } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { Greeting } from "../../src/feed/greeting.js";

it("a greeting that lies in the socket while our loop is blocked counts, and a missing one does not", () => {
  const timer = new VirtualTimer();
  const reasons: string[] = [];
  const parts = {
    timer,
    timeoutMs: 5_000,
    firstFrame: () => undefined,
    say: () => undefined,
    giveUp: (reason: string) => reasons.push(reason),
  };
  const greeting = new Greeting(parts);
  timer.scheduleArrival(4_000, () => greeting.done());
  timer.stall(6_000);
  expect(reasons).toEqual([]);
  expect(new Greeting(parts).isBenign(0)).toBe(false);
  timer.stall(6_000);
  expect(reasons).toEqual(["the venue does not greet"]);
});
