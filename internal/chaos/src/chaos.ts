import { describeStep } from "./fault.js";
import type { Step } from "./fault.js";
import type { LeafChoice } from "./leaf-choice.js";
import { planFaults } from "./plan.js";
import { play } from "./run.js";
import type { RunResult } from "./run.js";
import { shrink } from "./shrink.js";
import type { Tally } from "./tally.js";

/** How a run is made. */
export interface ChaosOptions {
  readonly seed: number;
  readonly faults: number;
  readonly leaf: LeafChoice;
  /** Runs to spend on a shorter trace after a failure. */
  readonly shrinkRuns: number;
  /** Whether this process is alone in its network namespace, so that packets may be dropped. */
  readonly ownNetwork: boolean;
}

/** What came out, for people and machines. */
export interface ChaosReport {
  readonly seed: number;
  readonly faults: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly violations: readonly string[];
  /** The shortest list of faults found that still fails; empty when nothing did. */
  readonly trace: readonly string[];
}

/** Longer than this no one waits for a shorter trace, in milliseconds. */
const SHRINK_MS = 120_000;

/** Plays a seed, and after a failure looks for the few faults that it takes. */
export async function chaos(
  options: ChaosOptions,
  narrate: (text: string) => void = () => undefined,
): Promise<ChaosReport> {
  const { seed, faults, leaf, shrinkRuns, ownNetwork } = options;
  const started = performance.now();
  const result = await play(planFaults(seed, faults, ownNetwork), { seed, leaf, ownNetwork });
  const seconds = (performance.now() - started) / 1_000;
  const { violations, tally } = result;
  const trace = violations.length === 0 ? [] : await shortest(result.guilty);
  return {
    seed,
    faults: tally.faultCount,
    seconds: Math.round(seconds * 10) / 10,
    tally,
    violations,
    trace,
  };

  async function shortest(guilty: RunResult["guilty"]): Promise<string[]> {
    narrate(
      `seed ${seed}: ${violations[0]}; looking for a shorter trace than ` +
        `${guilty.steps.length} faults`,
    );
    const until = performance.now() + SHRINK_MS;
    const fails = async (steps: readonly Step[]): Promise<boolean> => {
      const again = await play(steps, { seed, leaf, ownNetwork, firstSession: guilty.session });
      if (again.violations.length > 0) narrate(`${steps.length} faults: ${again.violations[0]}`);
      return again.violations.length > 0;
    };
    const steps = await shrink(guilty.steps, fails, {
      maxTries: shrinkRuns,
      enough: () => performance.now() > until,
    });
    return steps.map(describeStep);
  }
}
