import type { BatchResult } from "../batch/batch.js";
import { simulationOf } from "../simulations.js";
import { figuresOf } from "./figures.js";

/** What a batch amounts to, for people. */
export function summaryLines(batch: BatchResult): readonly string[] {
  const { half, results, unreached, took, traceHash } = batch;
  const { impossible, situations } = simulationOf(half);
  const { seeds, virtualHours, faults, turns, processorSecondsPerSeed } = figuresOf(batch);
  const fewest = Math.min(...results.map((result) => result.faults));
  const seconds = took.wallMs / 1_000;
  const reached = situations.length - unreached.length - impossible.size;
  return [
    `${half}: ${seeds} seeds, ${virtualHours.toFixed(1)} virtual hours, ${faults} faults (at ` +
      `least ${fewest} a seed)`,
    `  ${turns} turns, each checked, in ${seconds.toFixed(1)} s: ` +
      `${Math.round(turns / seconds)} turns/s`,
    `  ${processorSecondsPerSeed.toFixed(2)} s of processor time a seed`,
    `  trace ${traceHash}`,
    `  reached ${reached} of ${situations.length} situations; ${impossible.size} cannot be:`,
    ...[...impossible].map(([name, why]) => `    ${name}: ${why}`),
    `  never reached: ${unreached.length === 0 ? "none" : ""}`,
    ...unreached.map((name) => `    ${name}`),
  ];
}

/** The invariants that were broken, with the seeds. */
export function violationLines({ results }: BatchResult): readonly string[] {
  const seeds = new Map<string, number[]>();
  for (const { seed, violation } of results) {
    if (violation === undefined) continue;
    seeds.set(violation.invariant, [...(seeds.get(violation.invariant) ?? []), seed]);
  }
  return [...seeds].map(
    ([invariant, broken]) =>
      `  BROKEN in ${broken.length} seeds: ${invariant} (${broken.slice(0, 8).join(", ")})`,
  );
}
