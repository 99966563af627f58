import type { BatchResult } from "../batch/batch.js";
import type { Half } from "../core/plan.js";

const HOUR_MS = 3_600_000;

/** The figures of one batch. */
export interface Figures {
  readonly half: Half;
  readonly seeds: number;
  readonly virtualHours: number;
  readonly faults: number;
  /** Turns of the scheduler and callbacks of the timer, each checked. */
  readonly turns: number;
  /** In seconds. */
  readonly processorSecondsPerSeed: number;
  /** Seeds in which an invariant was broken. */
  readonly broken: number;
}

/** What a batch comes to, in numbers. */
export function figuresOf({ half, results, virtualMs, took }: BatchResult): Figures {
  const seeds = results.length;
  return {
    half,
    seeds,
    virtualHours: virtualMs / HOUR_MS,
    faults: results.reduce((sum, { faults }) => sum + faults, 0),
    turns: results.reduce((sum, { turns }) => sum + turns, 0),
    processorSecondsPerSeed: took.processorMs / 1_000 / Math.max(1, seeds),
    broken: results.filter(({ violation }) => violation !== undefined).length,
  };
}

/** The figures of every half as a table in Markdown, as docs/reports/simulation.md has it. */
export function figuresTable(batches: readonly BatchResult[]): readonly string[] {
  const rows = batches.map((batch) => {
    const { half, seeds, virtualHours, faults, turns, processorSecondsPerSeed, broken } =
      figuresOf(batch);
    const cells = [half, spaced(seeds), virtualHours.toFixed(1), spaced(faults), spaced(turns)];
    return row([...cells, `${processorSecondsPerSeed.toFixed(2)} s`, spaced(broken)]);
  });
  return [row(HEAD), row(HEAD.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows];
}

const HEAD = [
  "half",
  "seeds",
  "virtual hours",
  "faults",
  "turns, each checked",
  "processor time a seed",
  "broken",
] as const;

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A whole number with a space in front of each three digits. */
function spaced(count: number): string {
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, " ");
}
