import { VirtualTimer } from "@oath-ws/testing";
import { elapsedTimer } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";
import { RelayClock } from "../../src/reader/relay-clock.js";
import { plainItem } from "../../src/source/relay-source.js";

it("an item tells its age when it waited in the engine while the machine slept", () => {
  const timer = new VirtualTimer();
  const clock = new RelayClock(timer, elapsedTimer(timer));
  const engineNow = (): number => timer.wallNow() + 7_000;
  clock.heard(engineNow() - 2);
  const [from, sleepMs] = [engineNow(), 95_000];
  timer.sleep(sleepMs);
  const item = plainItem("event", 0, new Uint8Array());
  const ageOf = (storedMs: number): number => {
    const message = { seq: 1, timeMs: storedMs, data: new Uint8Array() };
    return timer.now() - clock.timesOf(item, message).receivedAt;
  };
  // The watermarks of the sleep are read one after the other, long after they were stored.
  for (let at = 1_000; at < sleepMs; at += 1_000) {
    clock.heard(from + at);
    expect(ageOf(from + at + 500)).toBeCloseTo(sleepMs - at - 500 - 2, 3);
  }
});
