import { createWorld } from "@oath-ws/testing";
import { VenueClock } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

describe("a comparison with the venue's clock", () => {
  it("takes the answer to be from half way", async () => {
    const world = createWorld();
    const { timer } = world;
    const clock = new VenueClock(timer);
    const begun = Math.round(timer.wallNow()) + 90_000;
    await world.complete(
      clock.compare(async () => {
        await world.delay(200);
        const answer = begun + 200;
        await world.delay(200);
        return answer;
      }),
    );
    expect(clock.now()).toBe(begun + 400);
  });

  it("is made again when our clock was set meanwhile", async () => {
    const world = createWorld();
    const clock = new VenueClock(world.timer);
    let asked = 0;
    const done = clock.compare(async () => {
      if (++asked === 1) world.timer.stepWall(30_000);
      await world.delay(10);
      return 1_800_000_000_000;
    });
    await world.complete(done);
    expect(asked).toBe(2);
    expect(Math.abs(clock.now() - 1_800_000_000_000)).toBeLessThan(20);
  });

  it("ends after three questions, however often it was disturbed", async () => {
    const world = createWorld();
    const clock = new VenueClock(world.timer);
    let asked = 0;
    const done = clock.compare(() => {
      asked++;
      world.timer.stepWall(30_000);
      return Promise.resolve(1);
    });
    await world.complete(done);
    expect(asked).toBe(3);
  });

  it("that fails leaves the difference as it was", async () => {
    const { timer } = createWorld();
    const clock = new VenueClock(timer);
    await expect(clock.compare(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(clock.now()).toBe(Math.round(timer.wallNow()));
  });
});
