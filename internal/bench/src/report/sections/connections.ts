import { cpuNsPerFrame, timesBase, typical } from "../../metrics.js";
import { TRADE_BYTES } from "../../plan.js";
import type { Results } from "../../results.js";
import { RECEIVE_LABELS, SHAPES, SHAPE_LABELS } from "../../rows.js";
import { fixed, withRange } from "../format.js";
import type { Section } from "../section.js";

export function connectionSections({ connections }: Results): Section[] {
  return SHAPES.map((shape) => ({
    title: `Many connections, ${SHAPE_LABELS[shape]}, ${TRADE_BYTES} B`,
    lead: "Processor time per frame when the same frames come, at the same pace, on one connection or in turn on many.",
    header: ["row", "connections", "cpu ns/frame", "x one connection", "range", "loop busy"],
    rows: connections
      .filter((cell) => cell.shape === shape)
      .map((cell) => {
        const label = RECEIVE_LABELS[cell.row];
        if (cell.failure !== undefined) return [label, String(cell.connections), "invalid"];
        return [
          label,
          String(cell.connections),
          fixed(typical(cell, cpuNsPerFrame), 0),
          ...withRange(timesBase(cell, cpuNsPerFrame), 2),
          `${fixed(typical(cell, ({ loopShare }) => loopShare) * 100, 0)} %`,
        ];
      }),
  }));
}
