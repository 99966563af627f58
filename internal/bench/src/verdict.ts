import { cpuNsPerFrame, framesPerSecond, timesBase, timesOther, typical } from "./metrics.js";
import type { Part } from "./plan.js";
import type { Timed } from "./protocol.js";
import type { Measured } from "./rounds.js";
import type { Spread } from "./stats.js";

/** One promise, and whether this run keeps it. */
export interface Verdict {
  readonly part: Part;
  readonly target: string;
  /** `undefined`: what it needs was not measured. */
  readonly measured: Spread | undefined;
  readonly bound: number;
  readonly sense: "at least" | "more than" | "at most";
  readonly unit: "x" | "us" | "objects" | "reads" | "timers";
  readonly verdict: "met" | "MISS" | "not measured";
  /**
   * Processor time per frame, as a share of the other's: less noisy on a shared machine, shown and
   * not judged.
   */
  readonly cpu?: Spread | undefined;
}

/** How many targets were missed. */
export function missed(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ verdict }) => verdict === "MISS").length;
}

type TimedCell = Measured<string, Timed> | undefined;

/** A share of the base row's rate. */
export function overBase(part: Part, target: string, cell: TimedCell, bound: number): Verdict {
  const measured = timesBase(cell, framesPerSecond);
  return {
    ...verdict({ part, target, measured, bound, sense: "at least", unit: "x" }),
    cpu: timesBase(cell, cpuNsPerFrame),
  };
}

/** Faster than each of them, so faster than the fastest. */
export function overFastest<Row extends string>(
  part: Part,
  name: string,
  cell: TimedCell,
  others: readonly (Measured<Row, Timed> | undefined)[],
  labels: Readonly<Record<Row, string>>,
): Verdict {
  const found = others.filter((other) => other !== undefined);
  const [fastest] = found.toSorted(
    (a, b) => typical(b, framesPerSecond) - typical(a, framesPerSecond),
  );
  const target = `${name} / fastest other${fastest === undefined ? "" : `, ${labels[fastest.row]}`}`;
  const measured = timesOther(cell, fastest, framesPerSecond);
  const cpu = timesOther(cell, fastest, cpuNsPerFrame);
  return { ...verdict({ part, target, measured, bound: 1, sense: "more than", unit: "x" }), cpu };
}

export function verdict(found: Omit<Verdict, "verdict">): Verdict {
  const { measured, sense, bound } = found;
  if (measured === undefined || Number.isNaN(measured.median))
    return { ...found, verdict: "not measured" };
  return { ...found, verdict: holds(measured.median, sense, bound) ? "met" : "MISS" };
}

function holds(value: number, sense: Verdict["sense"], bound: number): boolean {
  switch (sense) {
    case "at least":
      return value >= bound;
    case "more than":
      return value > bound;
    case "at most":
      return value <= bound;
    default:
      return sense satisfies never;
  }
}
