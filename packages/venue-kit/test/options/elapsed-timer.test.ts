import { createWorld } from "@oath-ws/testing";
import { ElapsedTimer } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

describe("ElapsedTimer", () => {
  it("goes by the longer of both clocks, and a wall clock that is set back takes nothing away", async () => {
    const world = createWorld();
    const timer = new ElapsedTimer(world.timer);
    const fired: number[] = [];
    timer.schedule(60_000, () => fired.push(timer.now()));
    const cancel = timer.schedule(1_000, () => fired.push(-1));
    cancel();
    await world.run(10_000);
    world.timer.stepWall(-3_600_000);
    await world.run(10_000);
    expect([timer.now(), fired]).toEqual([20_000, []]);
    world.timer.sleep(35_000);
    expect(timer.now()).toBe(55_000);
    await world.run(4_999);
    expect(fired).toEqual([]);
    await world.run(1);
    expect(fired).toEqual([60_000]);
    expect(world.timer.pendingCount).toBe(0);
  });
});
