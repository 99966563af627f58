import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { FreshnessWatchdog } from "../../src/connection/freshness-watchdog.js";
import type { Watched } from "../../src/connection/freshness-watchdog.js";
import type { TopicPhase } from "@oath-ws/venue-kit";

class Thing implements Watched {
  phase: TopicPhase = "live";
  heardAt = 0;
  readonly staleAfterMs: number | undefined;
  readonly escalateAfterMs: number | undefined;
  readonly log: string[] = [];

  constructor(staleAfterMs?: number, escalateAfterMs?: number) {
    this.staleAfterMs = staleAfterMs;
    this.escalateAfterMs = escalateAfterMs;
  }

  stale(): void {
    this.phase = "stale";
    this.log.push("stale");
  }

  escalate(silentMs: number): void {
    this.phase = "recovering";
    this.log.push(`escalate after ${silentMs}`);
  }
}

describe("FreshnessWatchdog", () => {
  it("calls stale what is silent for too long, and escalates only what asked for it", async () => {
    const world = createWorld();
    const watchdog = new FreshnessWatchdog<Thing>(world.timer);
    const [patient, strict, unwatched] = [new Thing(1_000), new Thing(1_000, 3_000), new Thing()];
    for (const thing of [patient, strict, unwatched]) watchdog.add(thing);
    await world.run(999);
    expect([patient.log, strict.log]).toEqual([[], []]);
    await world.run(1);
    expect([patient.log, strict.log]).toEqual([["stale"], ["stale"]]);
    await world.run(60_000);
    expect(patient.log).toEqual(["stale"]);
    expect(strict.log).toEqual(["stale", "escalate after 3000"]);
    expect(unwatched.log).toEqual([]);
  });

  it("arms no timer per event: one that is heard all the time is looked at now and then", async () => {
    const world = createWorld();
    const watchdog = new FreshnessWatchdog<Thing>(world.timer);
    const thing = new Thing(1_000);
    watchdog.add(thing);
    for (let now = 0; now < 10_000; now += 100) {
      thing.heardAt = world.timer.now();
      expect(world.timer.pendingCount).toBe(1);
      await world.run(100);
    }
    expect(thing.log).toEqual([]);
  });

  it("excuses a silence that is our own: the sockets are read before anything is judged", async () => {
    const world = createWorld();
    const watchdog = new FreshnessWatchdog<Thing>(world.timer);
    const thing = new Thing(1_000);
    watchdog.add(thing);
    // What waited in the socket is heard after the watchdog's own timer, which was due before.
    world.timer.schedule(1_200, () => (thing.heardAt = world.timer.now()));
    await world.stall(10_000);
    expect(thing.log).toEqual([]);
    await world.run(999);
    expect(thing.log).toEqual([]);
    await world.run(1_000);
    expect(thing.log).toEqual(["stale"]);
  });

  it("does judge in the end when every timer is late", async () => {
    const world = createWorld();
    const watchdog = new FreshnessWatchdog<Thing>(world.timer);
    const thing = new Thing(1_000);
    watchdog.add(thing);
    for (let round = 0; round < 3; round++) await world.stall(5_000);
    expect(thing.log).toEqual(["stale"]);
  });

  it("leaves no timer when there is nothing to watch", async () => {
    const world = createWorld();
    const watchdog = new FreshnessWatchdog<Thing>(world.timer);
    const thing = new Thing(1_000, 2_000);
    watchdog.add(thing);
    watchdog.remove(thing);
    watchdog.consider(thing);
    expect(world.timer.pendingCount).toBe(0);
    await world.run(5_000);
    expect(thing.log).toEqual([]);
  });
});
