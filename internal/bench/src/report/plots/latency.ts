import type { PacedLatencies } from "../../parts/latency.js";
import type { Results } from "../../results.js";
import { RECEIVE_LABELS } from "../../rows.js";
import { spread } from "../../stats.js";
import { fixed } from "../format.js";
import { bars } from "./plot.js";
import type { Plot } from "./plot.js";

const QUANTILES: Readonly<Record<string, (repeat: PacedLatencies) => number>> = {
  p50: ({ p50Us }) => p50Us,
  p99: ({ p99Us }) => p99Us,
};

export function latencyPlot({ plan, latency }: Results): Plot {
  const panels = plan.latency.perSecond.flatMap((perSecond) =>
    Object.entries(QUANTILES).map(([name, pick]) => ({
      title: `${perSecond} frames/s, ${name}`,
      bars: bars(
        latency.filter((cell) => cell.perSecond === perSecond),
        ({ row, repeats }) => {
          const value = spread(repeats.map(pick));
          return {
            label: RECEIVE_LABELS[row],
            value,
            text: `${fixed(value?.median ?? Number.NaN, 1)} us`,
          };
        },
      ),
    })),
  );
  return {
    name: "latency",
    title: "From the write in the other process to the consumer, microseconds",
    panels,
  };
}
