import { beyondBase, cpuNsPerFrame, loopUsPerFrame, timesBase, typical } from "../../metrics.js";
import { TRADE_BYTES } from "../../plan.js";
import type { Results } from "../../results.js";
import { BASE_ROW, RECEIVE_LABELS } from "../../rows.js";
import { fixed, withRange } from "../format.js";
import type { Section } from "../section.js";

const HEADER = [
  "row",
  "p50",
  "beyond",
  "range",
  "p99",
  "beyond",
  "range",
  "max",
  "loop busy",
  "loop us/frame",
  "cpu us/frame",
  "x bare ws",
  "pacer late p99",
];

export function latencySections({ plan, latency }: Results): Section[] {
  return plan.latency.perSecond.map((perSecond) => ({
    title: `Latency at ${perSecond} frames/s of ${TRADE_BYTES} B`,
    lead: "Microseconds from the write in the other process to the consumer; `beyond`: more than bare ws in the neighbouring repeat.",
    header: HEADER,
    rows: latency
      .filter((cell) => cell.perSecond === perSecond)
      .map((cell) => {
        const label = RECEIVE_LABELS[cell.row];
        if (cell.failure !== undefined) return [label, "invalid"];
        const of = (pick: (repeat: (typeof cell.repeats)[number]) => number): string =>
          fixed(typical(cell, pick), 1);
        const beyond = (
          pick: (repeat: (typeof cell.repeats)[number]) => number,
        ): [string, string] =>
          cell.row === BASE_ROW ? ["", ""] : withRange(beyondBase(cell, pick), 1);
        return [
          label,
          of(({ p50Us }) => p50Us),
          ...beyond(({ p50Us }) => p50Us),
          of(({ p99Us }) => p99Us),
          ...beyond(({ p99Us }) => p99Us),
          of(({ maxUs }) => maxUs),
          `${fixed(typical(cell, ({ loopShare }) => loopShare) * 100, 1)} %`,
          fixed(typical(cell, loopUsPerFrame), 2),
          fixed(typical(cell, cpuNsPerFrame) / 1e3, 2),
          withRange(timesBase(cell, cpuNsPerFrame), 2)[0],
          of(({ lateP99Us }) => lateP99Us),
        ];
      }),
  }));
}
