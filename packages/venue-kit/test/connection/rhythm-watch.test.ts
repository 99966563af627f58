import { createWorld } from "@oath-ws/testing";
import { elapsedTimer, RhythmWatch } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

const PATIENCE = { afterMs: 10_000, maxAfterMs: 40_000, calmMs: 60_000 };

class Rig {
  readonly world = createWorld();
  readonly timer = elapsedTimer(this.world.timer);
  readonly log: string[] = [];
  readonly watch = new RhythmWatch({
    timer: this.timer,
    beat: "beat",
    staleAfterMs: 5_000,
    onStale: () => this.log.push(`stale at ${this.#at}`),
    patience: PATIENCE,
    onMute: (reason) => this.log.push(`${reason}, at ${this.#at}`),
  });

  get #at(): number {
    return Math.round(this.world.timer.now());
  }

  readonly beat = (): boolean => this.watch.beat(this.timer.now());
}

describe("RhythmWatch", () => {
  it("tells when beats are missing, and when they come again", async () => {
    const { world, watch, log, beat } = new Rig();
    expect(beat()).toBe(false);
    watch.begin();
    await world.run(4_000);
    expect(beat()).toBe(false);
    await world.run(6_000);
    expect(log).toEqual(["stale at 9000"]);
    expect(beat()).toBe(true);
    await world.run(5_000);
    expect(log).toEqual(["stale at 9000", "stale at 15000"]);
    watch.end();
    expect(world.timer.pendingCount).toBe(0);
  });

  it("waits twice as long on each next connection, until one has beaten for long", async () => {
    const { world, watch, log, beat } = new Rig();
    const remadeAfter = async (): Promise<number> => {
      watch.begin();
      const from = world.timer.now();
      const told = log.length;
      while (log.slice(told).every((line) => line.startsWith("stale"))) await world.run(1_000);
      return world.timer.now() - from;
    };
    const waits = [];
    for (let index = 0; index < 4; index++) waits.push(await remadeAfter());
    expect(waits).toEqual([10_000, 20_000, 40_000, 40_000]);
    // Beats of two connections together are no long time.
    for (let index = 0; index < 2; index++) {
      watch.begin();
      for (let second = 0; second < 40; second++) {
        beat();
        await world.run(1_000);
      }
    }
    watch.end();
    expect(await remadeAfter()).toBe(40_000);
    watch.begin();
    for (let second = 0; second <= 60; second++) {
      beat();
      await world.run(1_000);
    }
    expect(await remadeAfter()).toBe(10_000);
    expect(log.at(-1)).toMatch(/^no beat for 10000 ms/);
  });

  it("counts the time in which the machine slept, and what came meanwhile first", async () => {
    const { world, watch, log, beat } = new Rig();
    watch.begin();
    await world.run(500);
    world.timer.sleep(3_600_000);
    world.timer.scheduleArrival(500, () => void beat());
    await world.run(1_000);
    expect(log).toEqual([]);
    world.timer.sleep(3_600_000);
    await world.run(1_000);
    expect(log).toEqual(["stale at 2000", "no beat for 3601000 ms, at 2000"]);
  });
});
