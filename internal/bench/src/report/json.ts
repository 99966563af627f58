import type { Results } from "../results.js";
import { cpuPerFrame, failures, rates } from "../results.js";
import { BASE_ROW } from "../rows.js";
import { median, ratio } from "../stats.js";
import type { Verdict } from "../targets.js";

/** The whole report as one JSON object: the medians and ratios of the tables, and every repeat behind them. */
export function jsonReport(results: Results, verdicts: readonly Verdict[]): string {
  const receive = results.receive.map((cell) => {
    const base = results.receive.find(({ row, size }) => row === BASE_ROW && size === cell.size);
    return { ...cell, ...rateSummary(cell, base) };
  });
  const send = results.send.map((cell) => ({
    ...cell,
    ...rateSummary(
      cell,
      results.send.find(({ row }) => row === BASE_ROW),
    ),
  }));
  const events = results.events.map((cell) => ({
    ...cell,
    ...rateSummary(
      cell,
      results.events.find(({ row, mix }) => row === BASE_ROW && mix === cell.mix),
    ),
  }));
  return `${JSON.stringify({ ...results, receive, send, events, verdicts, failures: failures(results) }, undefined, 2)}\n`;
}

type RateCell = Parameters<typeof rates>[0] & Parameters<typeof cpuPerFrame>[0];

function rateSummary(cell: RateCell, base: RateCell | undefined): object {
  if (cell.repeats.length === 0) return {};
  return {
    framesPerSecond: median(rates(cell)),
    cpuNsPerFrame: median(cpuPerFrame(cell)),
    toBareWs: base === undefined ? undefined : ratio(rates(cell), rates(base)),
  };
}
