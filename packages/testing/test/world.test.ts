import { describe, expect, it } from "vitest";
import { createWorld } from "../src/world.js";
import type { World } from "../src/world.js";

describe("World", () => {
  it("drains turns and promise reactions between two timer callbacks", async () => {
    const world = createWorld();
    const log: string[] = [];
    for (const name of ["first", "second"]) {
      world.timer.schedule(10, () => {
        log.push(`${name} timer`);
        world.spawn.spawn({
          poll: () => {
            log.push(`${name} turn`);
            void Promise.resolve()
              .then(() => Promise.resolve())
              .then(() => log.push(`${name} promise`));
            return "done";
          },
        });
      });
    }
    await world.run(10);
    expect(log).toEqual([
      "first timer",
      "first turn",
      "first promise",
      "second timer",
      "second turn",
      "second promise",
    ]);
    expect(world.timer.now()).toBe(10);
  });

  it("follows a chain of timers, turns and promises as long as it goes", async () => {
    const world = createWorld();
    let rounds = 0;
    const loop = async (): Promise<void> => {
      while (rounds < 50) {
        await world.delay(100);
        await new Promise<void>((resolve) => {
          world.spawn.spawn({
            poll: () => {
              resolve();
              return "done";
            },
          });
        });
        rounds++;
      }
    };
    const done = loop();
    await world.run(1000);
    expect(rounds).toBe(10);
    await world.complete(done);
    expect([rounds, world.timer.now()]).toEqual([50, 5000]);
  });

  it("settles without moving the clock, also what is due now", async () => {
    const world = createWorld();
    const log: string[] = [];
    world.timer.schedule(0, () => log.push("now"));
    world.timer.schedule(1, () => log.push("later"));
    void Promise.resolve().then(() => log.push("promise"));
    await world.settle();
    expect(log).toEqual(["promise", "now"]);
    expect(world.timer.now()).toBe(0);
  });

  it("completes a promise with its value or its reason, at the time when it settles", async () => {
    const world = createWorld();
    await expect(world.complete(world.delay(250).then(() => "value"))).resolves.toBe("value");
    expect(world.timer.now()).toBe(250);
    const failing = world.delay(250).then(() => {
      throw new Error("reason");
    });
    await expect(world.complete(failing)).rejects.toThrow("reason");
    expect(world.timer.now()).toBe(500);
  });

  it("says at once that a promise can never settle", async () => {
    const world = createWorld({ seed: 9 });
    await expect(world.complete(new Promise(() => {}))).rejects.toThrow(
      "the promise is pending and nothing is scheduled that could settle it (seed 9, t=0, 0 " +
        "timers pending, 0 tasks alive)",
    );
  });

  it("gives up on a promise after the time it was allowed", async () => {
    const world = createWorld();
    await expect(world.complete(world.delay(2000), 1000)).rejects.toThrow(
      "did not settle within 1000 ms",
    );
  });

  it("runs until a condition holds, and no further", async () => {
    const world = createWorld();
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      world.timer.schedule(10, tick);
    };
    tick();
    await world.runUntil(() => ticks === 5);
    expect([ticks, world.timer.now()]).toEqual([5, 40]);
    await world.runUntil(() => true);
    expect(world.timer.now()).toBe(40);
    await expect(world.runUntil(() => ticks === 1000, 500)).rejects.toThrow("within 500 ms");
    await world.runUntil(() => world.timer.now() >= 600, 100);
  });

  it("stalls: what is late fires at the end, with turns and promises in between", async () => {
    const world = createWorld();
    const log: string[] = [];
    const note = (name: string) => () => {
      log.push(`${name}@${world.timer.now()}`);
      void Promise.resolve().then(() => log.push(`after ${name}`));
    };
    world.timer.schedule(10, note("timer"));
    world.timer.scheduleArrival(5, note("frame"));
    await world.stall(1000);
    expect(log).toEqual(["timer@1000", "after timer", "frame@1000", "after frame"]);
  });

  it("rejects with what a callback or a task throws, and can go on", async () => {
    const world = createWorld();
    world.timer.schedule(1, () => {
      throw new Error("broken callback");
    });
    await expect(world.run(10)).rejects.toThrow("broken callback");
    world.spawn.spawn({
      poll: () => {
        throw new Error("broken task");
      },
    });
    await expect(world.settle()).rejects.toThrow("broken task");
    await world.run(10);
    expect(world.timer.now()).toBe(11);
  });

  it("refuses to be driven twice at once, and senseless spans", async () => {
    const world = createWorld();
    const running = world.run(10);
    await expect(world.settle()).rejects.toThrow("already being driven");
    await running;
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(world.run(ms)).rejects.toThrow(RangeError);
    expect(() => createWorld({ seed: 0.5 })).toThrow(RangeError);
  });

  it("repeats a run from its seed, and shuffles turns with it when asked", async () => {
    expect(await orders(createWorld({ seed: 3 }))).toBe("abcde");
    const shuffled = await orders(createWorld({ seed: 3, shuffleTurns: true }));
    expect(await orders(createWorld({ seed: 3, shuffleTurns: true }))).toBe(shuffled);
    expect(shuffled).not.toBe("abcde");
    expect(createWorld({ seed: 3, shuffleTurns: true }).random.next()).toBe(
      createWorld({ seed: 3 }).random.next(),
    );
  });
});

async function orders(world: World): Promise<string> {
  let order = "";
  for (const name of "abcde") {
    world.spawn.spawn({
      poll: () => {
        order += name;
        return "done";
      },
    });
  }
  await world.settle();
  return order;
}
