import type { BatchResult } from "../batch/batch.js";
import { simulationOf } from "../simulations.js";

const HOUR_MS = 3_600_000;

/** What a batch amounts to, for people. */
export function summaryLines(batch: BatchResult): readonly string[] {
  const { half, results, unreached, virtualMs, tookMs, traceHash } = batch;
  const { impossible, situations } = simulationOf(half);
  const turns = results.reduce((sum, result) => sum + result.turns, 0);
  const faults = results.reduce((sum, result) => sum + result.faults, 0);
  const fewest = Math.min(...results.map((result) => result.faults));
  const hours = (virtualMs / HOUR_MS).toFixed(1);
  const seconds = tookMs / 1_000;
  const reached = situations.length - unreached.length - impossible.size;
  return [
    `${half}: ${results.length} seeds, ${hours} virtual hours, ${faults} faults (at least ` +
      `${fewest} a seed)`,
    `  ${turns} turns, each checked, in ${seconds.toFixed(1)} s: ` +
      `${Math.round(turns / seconds)} turns/s`,
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
