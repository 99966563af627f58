import { cpuNsPerFrame, framesPerSecond, timesBase, typical } from "../../metrics.js";
import type { Timed } from "../../protocol.js";
import type { Measured } from "../../rounds.js";
import { fixed, perSecond, withRange } from "../format.js";

/** The columns of everything that is a number of frames in some time. */
export function timedHeader(what: "frame" | "event", base: string): string[] {
  return [
    "row",
    `${what}s/s`,
    `x ${base}`,
    "range",
    `cpu ns/${what}`,
    `cpu x ${base}`,
    "range",
    "loop busy",
  ];
}

export function timedRow<Row extends string>(
  cell: Measured<Row, Timed>,
  labels: Readonly<Record<Row, string>>,
): string[] {
  const label = labels[cell.row];
  if (cell.failure !== undefined) return [label, "invalid"];
  return [
    label,
    perSecond(typical(cell, framesPerSecond)),
    ...withRange(timesBase(cell, framesPerSecond), 2),
    fixed(typical(cell, cpuNsPerFrame), 0),
    ...withRange(timesBase(cell, cpuNsPerFrame), 2),
    `${fixed(typical(cell, ({ loopShare }) => loopShare) * 100, 0)} %`,
  ];
}
