import { playOut } from "../core/play-out.js";
import type { Outcome } from "../core/plan.js";
import { hashOf } from "../core/trace.js";
import type { ClientPlan } from "./client-plan.js";
import { ClientRun } from "./client-run.js";

/** What is left of a plan is played when it is at least so long. */
const WORTHWHILE_MS = 60_000;

/** Worlds that follow in a plan draw from other seeds. */
const NEXT_SEED = 1 << 24;

/**
 * Plays a plan. When its connection ends for good, the user opens another one, in a world of its
 * own, for the steps that are left.
 */
export async function playSegments(plan: ClientPlan): Promise<Outcome> {
  const run = new ClientRun(plan);
  const outcome = await playOut(run);
  const { endedAt } = run;
  if (outcome.violation !== undefined || endedAt === undefined) return outcome;
  const steps = plan.steps
    .filter(({ at }) => at > endedAt)
    .map((step) => ({ ...step, at: step.at - endedAt }));
  const lengthMs = plan.lengthMs - endedAt;
  if (lengthMs < WORTHWHILE_MS || steps.length === 0) return outcome;
  const seed = plan.seed + NEXT_SEED;
  return joined(outcome, await playSegments({ ...plan, seed, steps, lengthMs }));
}

function joined(one: Outcome, next: Outcome): Outcome {
  const trace = [...one.trace, "another connection", ...next.trace];
  return {
    hash: hashOf(trace),
    trace,
    violation: next.violation,
    reached: new Set([...one.reached, ...next.reached]),
    virtualMs: one.virtualMs + next.virtualMs,
    turns: one.turns + next.turns,
    faults: one.faults + next.faults,
  };
}
