import { cpuNsPerFrame, framesPerSecond, timesBase, typical } from "../metrics.js";
import type { Timed } from "../protocol.js";
import { failures } from "../results.js";
import type { Results } from "../results.js";
import type { Measured } from "../rounds.js";
import type { Verdict } from "../verdict.js";

/**
 * The whole report as one JSON object: the medians and ratios of the tables, and every repeat
 * behind them.
 */
export function jsonReport(results: Results, verdicts: readonly Verdict[]): string {
  const summed = {
    receive: results.receive.map(withSummary),
    send: results.send.map(withSummary),
    events: results.events.map(withSummary),
  };
  return `${JSON.stringify({ ...results, ...summed, verdicts, failures: failures(results) }, undefined, 2)}\n`;
}

function withSummary<C extends Measured<string, Timed>>(cell: C): object {
  if (cell.repeats.length === 0) return cell;
  return {
    ...cell,
    framesPerSecond: typical(cell, framesPerSecond),
    cpuNsPerFrame: typical(cell, cpuNsPerFrame),
    toBase: timesBase(cell, framesPerSecond),
    cpuToBase: timesBase(cell, cpuNsPerFrame),
  };
}
