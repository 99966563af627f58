import type { Half, Violation } from "../core/plan.js";
import { simulationOf } from "../simulations.js";

/** What became of one seed, small enough to be sent between threads. */
export interface SeedResult {
  readonly half: Half;
  readonly seed: number;
  readonly hash: string;
  readonly violation: Violation | undefined;
  readonly reached: readonly string[];
  readonly virtualMs: number;
  readonly turns: number;
  readonly faults: number;
}

/** Which seeds a thread runs, and how. */
export interface SeedOrder {
  readonly half: Half;
  readonly seeds: readonly number[];
  /** Kinds of faults that the generator leaves out. */
  readonly without: readonly string[];
}

/** Makes the plan of a seed and runs it. */
export async function runSeed(
  half: Half,
  seed: number,
  without: readonly string[],
): Promise<SeedResult> {
  const simulation = simulationOf(half);
  const outcome = await simulation.run(simulation.plan(seed, without));
  const { hash, violation, reached, virtualMs, turns, faults } = outcome;
  return { half, seed, hash, violation, reached: [...reached], virtualMs, turns, faults };
}
