import { SleepMeter, uptimeMs } from "../../src/runtime/sleep-meter.js";
import { SharedAttemptLog, sharedLogBytes } from "../../src/runtime/shared-attempt-log.js";
import type { SharedOrigin } from "../../src/runtime/shared-attempt-log.js";
import { nodeTimer } from "../../src/runtime/node-runtime.js";
import { VirtualTimer } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const HOUR_MS = 3_600_000;

/** The clocks of a machine; `tells` whether its uptime counts sleep, in whole seconds. */
function clocksOf(timer: VirtualTimer, tells: boolean) {
  const bootedMs = 123_456;
  return {
    now: () => timer.now(),
    wallNow: () => timer.wallNow(),
    uptimeMs: () =>
      tells ? Math.floor((bootedMs + timer.now() + timer.sleptMs()) / 1_000) * 1_000 : undefined,
  };
}

describe("a SleepMeter", () => {
  it("tells sleep from a step of the wall clock by the uptime, for any sequence of both", () => {
    const act = fc.record({
      kind: fc.constantFrom("sleep" as const, "step", "advance"),
      ms: fc.integer({ min: 0, max: 30_000 }),
      back: fc.boolean(),
      reads: fc.boolean(),
    });
    const seen = { counted: 0, stepped: 0 };
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const timer = new VirtualTimer();
        const meter = new SleepMeter(clocksOf(timer, true));
        let last = 0;
        for (const { kind, ms, back, reads } of acts) {
          if (kind === "sleep") timer.sleep(ms);
          else if (kind === "advance") timer.advance(ms);
          else timer.stepWall(back ? -ms : ms);
          if (!reads) continue;
          const slept = meter.read();
          expect(slept).toBeGreaterThanOrEqual(last);
          // Never more than was slept, but for the uptime's rounding.
          expect(slept).toBeLessThanOrEqual(timer.sleptMs() + 1_000);
          if (slept > last) seen.counted++;
          else if (kind === "step" && ms > 5_000) seen.stepped++;
          last = slept;
        }
        // Steps may have hidden it from the wall clock, which a last one brings to light.
        timer.stepWall(HOUR_MS);
        expect(meter.read()).toBeGreaterThanOrEqual(timer.sleptMs() - 6_000);
      }),
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it("takes a gain of the wall clock over 5 s for sleep where there is no uptime", () => {
    const timer = new VirtualTimer();
    const meter = new SleepMeter(clocksOf(timer, false));
    timer.stepWall(-HOUR_MS);
    expect(meter.read()).toBe(0);
    timer.sleep(5_000);
    expect(meter.read()).toBe(0);
    timer.sleep(60_000);
    expect(meter.read()).toBeGreaterThanOrEqual(60_000);
    expect(meter.read()).toBeLessThanOrEqual(65_000);
  });
});

it("nodeTimer counts sleep where the platform can tell, and has seen none here", () => {
  expect(nodeTimer.sleptMs === undefined).toBe(uptimeMs() === undefined);
  if (nodeTimer.sleptMs !== undefined) expect(nodeTimer.sleptMs()).toBe(0);
});

describe("attempts that threads share", () => {
  /** A thread that was started now: its gate counts the sleep from now on. */
  function thread(timer: VirtualTimer, memory: SharedArrayBuffer): SharedAttemptLog {
    const clocks = clocksOf(timer, true);
    const own = new SleepMeter(clocks);
    const origin: SharedOrigin = (fields) => new SleepMeter(clocks, fields).read() - own.read();
    return new SharedAttemptLog(memory, "venue.test", origin);
  }

  it("are as old in every thread as time has passed with sleep, counted once", () => {
    const timer = new VirtualTimer();
    const memory = new SharedArrayBuffer(sharedLogBytes());
    const [one, other] = [thread(timer, memory), thread(timer, memory)];
    one.exclusively(() => one.add({ at: 0, proven: true }));
    one.exclusively(() => one.block(10 * HOUR_MS));
    timer.sleep(8 * HOUR_MS);
    const late = thread(timer, memory);
    timer.advance(60_000);
    const passed = 8 * HOUR_MS + 60_000;
    for (const [log, now] of [
      [other, passed],
      [one, passed],
      [late, 60_000],
    ] as const) {
      const [attempt] = log.exclusively(() => log.attempts(Number.NEGATIVE_INFINITY));
      expect(Math.abs(now - (attempt?.at ?? 0) - passed)).toBeLessThan(1_000);
      expect(Math.abs(log.blockedUntil - now - (10 * HOUR_MS - passed))).toBeLessThan(1_000);
    }
  });
});
