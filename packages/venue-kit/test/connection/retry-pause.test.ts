import { createWorld } from "@oath-ws/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CommandPauses } from "../../src/connection/command-pauses.js";
import { RETRY_PAUSE, RetryPause } from "../../src/connection/retry-pause.js";

it("pauses double from one second to a minute, from the upper half, and last the stated time at least", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.nat(200_000), { nil: undefined }), { maxLength: 12 }),
      fc.nat(),
      (stated, seed) => {
        const { timer, random } = createWorld({ seed });
        const pause = new RetryPause(timer, random);
        // No time passes here, and a later statement never shortens an earlier one.
        let longest = 0;
        for (const [index, ms] of stated.entries()) {
          longest = Math.max(longest, ms ?? 0);
          const ceiling = Math.min(RETRY_PAUSE.maxMs, RETRY_PAUSE.minMs * 2 ** index);
          const waitMs = pause.fail(ms);
          expect(waitMs).toBeGreaterThanOrEqual(Math.max(ceiling / 2, longest));
          expect(waitMs).toBeLessThanOrEqual(Math.max(ceiling, 1.1 * longest) + 0.001);
          expect(pause.leftMs).toBe(waitMs);
        }
        pause.reset();
        expect(pause.leftMs).toBe(0);
        expect(pause.fail()).toBeLessThanOrEqual(RETRY_PAUSE.minMs);
      },
    ),
  );
});

it("pauses are short again after a minute without a failure, and never longer than a day and a tenth", async () => {
  const world = createWorld();
  const pause = new RetryPause(world.timer, world.random);
  for (let failures = 0; failures < 5; failures++) pause.fail();
  await world.run(16_000 + RETRY_PAUSE.maxMs);
  expect(pause.isCalm).toBe(true);
  expect(pause.fail()).toBeLessThanOrEqual(RETRY_PAUSE.minMs);
  expect(pause.fail(Number.MAX_VALUE)).toBeLessThanOrEqual(1.1 * 86_400_000);
});

it("pauses that spare the venue count the sleep of the machine, and no step of its wall clock", async () => {
  const world = createWorld();
  const pause = new RetryPause(world.timer, world.random);
  const [drawnMs, statedMs] = [pause.fail(), new RetryPause(world.timer, world.random).fail(9e6)];
  world.timer.stepWall(86_400_000);
  expect(pause.leftMs).toBe(drawnMs);
  world.timer.sleep(drawnMs);
  expect(pause.leftMs).toBe(0);

  let over = 0;
  const pauses = new CommandPauses({ ...world, onOver: () => over++ });
  pauses.refused(["a"], statedMs);
  world.timer.stepWall(86_400_000);
  await world.run(2_000);
  expect([pauses.admits("a"), over]).toEqual([false, 0]);
  world.timer.sleep(2 * statedMs);
  await world.run(1_000);
  expect([pauses.admits("a"), over]).toEqual([true, 1]);
  pauses.stop();
});
