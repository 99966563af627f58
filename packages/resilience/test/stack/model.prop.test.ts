import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import { Model } from "./support/model.js";
import {
  checkAttempts,
  checkEnd,
  checkFrames,
  checkNotWedged,
  checkSends,
  Reached,
} from "./support/model-checks.js";
import { readerScenarios, scenarios } from "./support/model-actions.js";
import type { Scenario } from "./support/model-actions.js";
import { READER_SIGHTS } from "./support/reader-model.js";

/**
 * More runs, or a failing run again:
 * `STACK_MODEL_RUNS=20000 STACK_MODEL_SEED=... STACK_MODEL_PATH=... vitest run ...`
 */
const { STACK_MODEL_RUNS, STACK_MODEL_SEED, STACK_MODEL_PATH } = process.env;
const RUNS = Number(STACK_MODEL_RUNS ?? 500);

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(() => {
  process.on("unhandledRejection", onUnhandled);
});

afterAll(() => {
  process.off("unhandledRejection", onUnhandled);
});

async function play(scenario: Scenario, note: (model: Model) => void): Promise<void> {
  const model = new Model(scenario);
  for (const { action, settle } of scenario.steps) {
    await model.perform(action);
    if (settle) await model.rig.world.settle();
    model.check();
    if (settle) model.checkFreshness();
  }
  await checkNotWedged(model);
  await checkEnd(model);
  checkFrames(model);
  checkAttempts(model);
  checkSends(model);
  note(model);
  expect(unhandled.splice(0)).toEqual([]);
}

describe("the assembled stack, under arbitrary interleavings", () => {
  it("never wedges, loses nothing silently, hammers no server, settles all promises, leaves nothing behind", async () => {
    const reached = new Reached();
    await fc.assert(
      fc.asyncProperty(scenarios, (scenario) => play(scenario, (model) => reached.note(model))),
      {
        numRuns: RUNS,
        ...(STACK_MODEL_SEED === undefined ? {} : { seed: Number(STACK_MODEL_SEED) }),
        ...(STACK_MODEL_PATH === undefined ? {} : { path: STACK_MODEL_PATH }),
      },
    );
    if (RUNS >= 500 && STACK_MODEL_PATH === undefined) expect(reached.missing).toEqual([]);
  }, 3_600_000);

  it("never calls fresh what is old in the hands of its reader, however late that is", async () => {
    const seen = new Set<string>();
    const note = (model: Model): void => model.seen.forEach((sight) => seen.add(sight));
    await fc.assert(
      fc.asyncProperty(readerScenarios, (scenario) => play(scenario, note)),
      { numRuns: RUNS / 2 },
    );
    expect(READER_SIGHTS.filter((sight) => !seen.has(sight))).toEqual([]);
  }, 3_600_000);
});
