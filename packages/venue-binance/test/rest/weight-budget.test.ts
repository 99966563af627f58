import { createWorld } from "@oath-ws/testing";
import { WeightBudget } from "@oath-ws/venue-binance";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const MINUTE = { max: 100, windowMs: 60_000 };

describe("WeightBudget", () => {
  it("lets through what fits, and makes the rest wait until enough has left the window", async () => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    await world.complete(budget.take(60));
    await world.run(1_000);
    await world.complete(budget.take(40));
    let done = false;
    const waiting = budget.take(60).then(() => (done = true));
    await world.run(58_999);
    expect(done).toBe(false);
    await world.run(1);
    await waiting;
    expect(budget.used).toBe(100);
  });

  it("never spends more in any window, and serves in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
        async (weights) => {
          const world = createWorld();
          const budget = new WeightBudget(world.timer, MINUTE);
          const spent: { at: number; weight: number; index: number }[] = [];
          const all = Promise.all(
            weights.map((weight, index) =>
              budget.take(weight).then(() => spent.push({ at: world.timer.now(), weight, index })),
            ),
          );
          await world.complete(all, 3_600_000 * 24);
          expect(spent.map(({ index }) => index)).toEqual(weights.map((_, index) => index));
          for (const { at } of spent) {
            const within = spent.filter((one) => one.at > at - MINUTE.windowMs && one.at <= at);
            expect(within.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(
              MINUTE.max,
            );
          }
          expect(world.timer.pendingCount).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("stays away as long as the venue asks", async () => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    budget.block(5_000);
    budget.block(1_000);
    let at: number | undefined;
    void budget.take(1).then(() => (at = world.timer.now()));
    await world.run(10_000);
    expect(at).toBe(5_000);
  });

  it("gives up a wait with the signal's reason, and lets the next one pass", async () => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    await world.complete(budget.take(90));
    const controller = new AbortController();
    const reason = new Error("not wanted");
    const big = budget.take(50, controller.signal);
    const small = budget.take(10);
    controller.abort(reason);
    await expect(big).rejects.toBe(reason);
    await world.complete(small, 0);
    await expect(budget.take(1, controller.signal)).rejects.toBe(reason);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("lets something through that is more than the whole budget, alone", async () => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    await world.complete(budget.take(250));
    expect(budget.used).toBe(250);
  });

  it("counts the time that the machine slept, for a pause as for the window", async () => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    await world.complete(budget.take(100));
    budget.block(3_600_000);
    const waiting = budget.take(100);
    await world.run(1_000);
    world.timer.sleep(3_598_000);
    let done = false;
    void waiting.then(() => (done = true));
    await world.run(900);
    expect(done).toBe(false);
    await world.complete(waiting, 10_000);
  });

  it.each([
    ["a wall clock that is set back", -86_400_000],
    ["small corrections of the wall clock", 4_000],
  ])("lets %s change nothing", async (_, stepMs) => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer, MINUTE);
    budget.block(60_000);
    let at: number | undefined;
    void budget.take(1).then(() => (at = world.timer.now()));
    for (let minute = 0; minute < 8; minute++) {
      world.timer.stepWall(stepMs);
      await world.run(10_000);
    }
    expect(at).toBe(60_000);
  });
});
