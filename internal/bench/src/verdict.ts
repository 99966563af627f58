import type { Row, Run, Target } from "./model.js";
import type { Spread } from "./stats.js";

export type Verdict = "met" | "MISSED" | "-";

/** Judges a row; `-` where it has no target or was not measured. */
export function verdictOf(
  { target }: Pick<Row, "target">,
  measured: Spread | undefined,
  { node }: Pick<Run, "node">,
): Verdict {
  if (target === undefined || measured === undefined) return "-";
  return holds(target, measured, majorOf(node)) ? "met" : "MISSED";
}

export function majorOf(node: string): number {
  return Number(/\d+/.exec(node)?.[0]);
}

function holds(target: Target, { median, low, interval }: Spread, node: number): boolean {
  switch (target.sense) {
    case "at least": {
      const isLowAsked = target.lowOn?.includes(node) ?? true;
      const isLowEnough = target.low === undefined || !isLowAsked || low >= target.low;
      return median >= target.bound && isLowEnough;
    }
    case "at most":
      return median <= target.bound;
    case "interval reaches":
      return interval[0] <= target.bound;
    default:
      return target satisfies never;
  }
}

/** The target as the table shows it. */
export function targetText(target: Target | undefined): string {
  if (target === undefined) return "";
  switch (target.sense) {
    case "at least": {
      const on = target.lowOn === undefined ? "" : ` on ${target.lowOn.join(", ")}`;
      const low = target.low === undefined ? "" : `, low ≥ ${target.low}${on}`;
      return `≥ ${target.bound}${low}`;
    }
    case "at most":
      return `≤ ${target.bound}`;
    case "interval reaches":
      return `interval to ≤ ${target.bound} us`;
    default:
      return target satisfies never;
  }
}
