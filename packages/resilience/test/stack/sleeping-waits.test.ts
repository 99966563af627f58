import type { Handshake, LifecycleSnapshot, Timer } from "@oath-ws/contract";
import { accept, refuse } from "@oath-ws/testing";
import type { VirtualTimer } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rig } from "./support/rig.js";

const HOUR_MS = 3_600_000;
/** How soon after a sleep a wait notices it. */
const NOTICED_MS = 5_000;

/** A timer of a platform that cannot tell sleep from a step of the wall clock. */
function untold(timer: VirtualTimer): Timer {
  return {
    now: () => timer.now(),
    wallNow: () => timer.wallNow(),
    schedule: (delayMs, run) => timer.schedule(delayMs, run),
  };
}

/** A connection that was just asked by the server to stay away for an hour. */
class Blocked extends Rig {
  #snapshot: (() => LifecycleSnapshot) | undefined;

  constructor(timer?: (virtual: VirtualTimer) => Timer) {
    super({ script: [accept(), refuse({ status: 429, retryAfterMs: HOUR_MS })], timer });
  }

  async begin(): Promise<this> {
    const connection = await this.up();
    this.#snapshot = () => connection.lifecycle.snapshot;
    this.peer.reset();
    await this.world.runUntil(() => this.dialTimes.length === 2);
    await this.world.settle();
    expect(this.snapshot.waitingFor).toBe("retryAfter");
    return this;
  }

  get snapshot(): LifecycleSnapshot {
    if (this.#snapshot === undefined) throw new Error("begin() comes first");
    return this.#snapshot();
  }

  get until(): number {
    return this.snapshot.waitingUntil ?? Number.NaN;
  }

  /** The next attempt is made at that time, and not a millisecond before. */
  async expectDialAt(at: number): Promise<void> {
    await this.world.run(at - this.now - 1);
    expect(this.dialTimes).toHaveLength(2);
    await this.world.run(1);
    expect(this.dialTimes).toHaveLength(3);
  }
}

describe("a wait that protects others", () => {
  it("is over when the machine slept through it", async () => {
    const rig = await new Blocked().begin();
    rig.world.timer.sleep(8 * HOUR_MS);
    await rig.world.run(NOTICED_MS);
    expect(rig.dialTimes).toHaveLength(3);
  });

  it("goes on for the rest after a shorter sleep, and the snapshot tells until when", async () => {
    const rig = await new Blocked().begin();
    const { until } = rig;
    rig.world.timer.sleep(HOUR_MS / 2);
    await rig.world.run(NOTICED_MS);
    expect(rig.until).toBe(until - HOUR_MS / 2);
    await rig.expectDialAt(until - HOUR_MS / 2);
  });

  it.each([2 * HOUR_MS, -2 * HOUR_MS])(
    "is not moved by a wall clock that is set by %i ms, where the platform can tell",
    async (step) => {
      const rig = await new Blocked().begin();
      const { until } = rig;
      rig.world.timer.stepWall(step);
      await rig.world.run(NOTICED_MS);
      expect(rig.until).toBe(until);
      await rig.expectDialAt(until);
    },
  );

  it("takes a gain of the wall clock over 5 s for sleep where the platform cannot tell", async () => {
    const rig = await new Blocked(untold).begin();
    const { until } = rig;
    rig.world.timer.stepWall(-2 * HOUR_MS);
    await rig.world.run(NOTICED_MS);
    rig.world.timer.sleep(5_000);
    await rig.world.run(NOTICED_MS);
    expect(rig.until).toBe(until);
    rig.world.timer.sleep(5_001);
    await rig.world.run(NOTICED_MS);
    expect(rig.until).toBe(until - 5_001);
    await rig.expectDialAt(until - 5_001);
  });

  it("is counted with sleep for a connection that asks after it", async () => {
    const rig = new Rig({ config: { attempts: { max: 2, windowMs: HOUR_MS } } });
    for (let i = 0; i < 2; i++) await rig.up();
    rig.world.timer.sleep(HOUR_MS);
    const woken = rig.now;
    await rig.up();
    expect(rig.now - woken).toBeLessThan(1_000);
  });

  it("ends for a token service's Retry-After as for the venue's", async () => {
    let asked = 0;
    const auth = {
      authorize: (handshake: Handshake) =>
        ++asked === 1
          ? Promise.reject(
              Object.assign(new Error("busy"), {
                status: 429,
                response: { headers: { "retry-after": "3600" } },
              }),
            )
          : Promise.resolve(handshake),
    };
    const rig = new Rig({ auth });
    const connection = await rig.start();
    await rig.world.runUntil(() => asked === 1);
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.waitingFor).toBe("retryAfter");
    rig.world.timer.sleep(HOUR_MS);
    await rig.world.run(NOTICED_MS);
    expect(asked).toBe(2);
  });

  it("ends at every endpoint, and for the trial of the first one beside a connection", async () => {
    const busy = refuse({ status: 429, retryAfterMs: HOUR_MS });
    const request = { url: ["wss://a.test", "wss://b.test"], protocols: [], headers: {} };
    const down = new Rig({ script: [busy, busy, accept()] });
    const waiting = await down.connector.connect(request, { awaitFirst: false });
    await down.world.run(NOTICED_MS);
    expect(waiting.lifecycle.snapshot.waitingFor).toBe("retryAfter");
    down.world.timer.sleep(HOUR_MS);
    await down.world.run(NOTICED_MS);
    expect(waiting.lifecycle.snapshot).toMatchObject({ epoch: 1, attempts: 3 });

    const config = { failover: { returnAfterMs: 60_000 } };
    const away = new Rig({ config, script: [refuse({ status: 503 }), accept(), busy, accept()] });
    const connection = await away.world.complete(away.connector.connect(request));
    await away.world.run(60_000);
    expect(away.traced("trialFailed")).toHaveLength(1);
    await away.world.run(HOUR_MS / 4);
    expect(away.dialTimes).toHaveLength(3);
    away.world.timer.sleep(HOUR_MS / 2);
    await away.world.run(HOUR_MS / 4 - 60_000);
    expect(away.dialTimes).toHaveLength(3);
    await away.world.run(60_000 + NOTICED_MS);
    expect(away.dialTimes).toHaveLength(4);
    expect(connection.lifecycle.snapshot).toMatchObject({ epoch: 2, endpoint: "wss://a.test" });
  });
});

describe("attempts, for any sleeps and steps of the wall clock", () => {
  it("keep the limit over the time that passed, and use at once what a sleep freed", async () => {
    const attempts = { max: 3, windowMs: 60_000 };
    const seen = { slept: 0, shortened: 0 };
    const span = fc.integer({ min: 0, max: 40_000 });
    const act = fc.oneof(
      fc.record({ kind: fc.constant("cut" as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constantFrom("run" as const, "sleep" as const), ms: span }),
      fc.record({ kind: fc.constant("step" as const), ms: fc.integer({ min: -9e5, max: 9e5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const rig = new Rig({
          config: { attempts, backoff: { firstMs: 0, minMs: 10, maxMs: 20 } },
        });
        const { lifecycle } = await rig.up();
        let slept = 0;
        /** When each dial began, by the time that had passed with sleep. */
        const dialled: number[] = [];
        const note = (): void => {
          for (const at of rig.dialTimes.slice(dialled.length)) dialled.push(at + slept);
        };
        note();
        for (const { kind, ms } of acts) {
          if (kind === "cut") rig.leaf.current?.reset();
          else if (kind === "run") await rig.world.run(ms);
          else if (kind === "step") rig.world.timer.stepWall(ms);
          else {
            rig.world.timer.sleep(ms);
            slept += ms;
            seen.slept++;
          }
          await rig.world.run(NOTICED_MS);
          note();
          const { waitingFor, waitingUntil } = lifecycle.snapshot;
          if (waitingFor !== "gate") continue;
          if (slept > 0) seen.shortened++;
          const free = (dialled.at(-attempts.max) ?? 0) + attempts.windowMs;
          expect((waitingUntil ?? 0) + slept).toBeCloseTo(free);
        }
        dialled.forEach((at, i) => {
          const before = dialled[i - attempts.max] ?? Number.NEGATIVE_INFINITY;
          expect(at - before).toBeGreaterThan(attempts.windowMs - 1e-6);
        });
      }),
      { numRuns: 60 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});
