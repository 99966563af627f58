import type { Shrunk } from "../shrink/shrink.js";

/** Lines of a trace that are printed. */
const LINES = 40;

/** A failure as a test that can be pasted into `internal/simulate/test`, with what led to it. */
export function failureText({ plan, outcome, violation, runs }: Shrunk, commit: string): string {
  const { invariant, detail, at } = violation;
  const trace = outcome.trace.slice(-LINES).map((line) => `  //   ${line}`);
  return [
    `seed ${plan.seed} (${plan.half}) at commit ${commit} breaks: ${invariant}`,
    `  ${detail}`,
    `  after ${at.toFixed(1)} virtual ms; ${plan.steps.length} steps are left after ${runs} runs`,
    "",
    'import { expect, it } from "vitest";',
    'import { simulationOf } from "../src/simulations.js";',
    "",
    `it(${JSON.stringify(`holds with seed ${plan.seed}: ${invariant}`)}, async () => {`,
    `  const simulation = simulationOf(${JSON.stringify(plan.half)});`,
    `  const plan = ${JSON.stringify(plan)};`,
    ...trace,
    "  expect((await simulation.run(plan)).violation).toBeUndefined();",
    "});",
    "",
  ].join("\n");
}
