import { cpuNsPerFrame } from "../../metrics.js";
import type { Results } from "../../results.js";
import { RECEIVE_LABELS, SHAPES, SHAPE_LABELS } from "../../rows.js";
import { spread } from "../../stats.js";
import { fixed } from "../format.js";
import { bars } from "./plot.js";
import type { Plot } from "./plot.js";

export function connectionsPlot({ connections }: Results): Plot {
  const panels = SHAPES.map((shape) => ({
    title: SHAPE_LABELS[shape],
    bars: bars(
      connections.filter((cell) => cell.shape === shape),
      ({ row, connections: count, repeats }) => {
        const value = spread(repeats.map(cpuNsPerFrame));
        const text = `${fixed((value?.median ?? Number.NaN) / 1e3, 2)} us`;
        return { label: `${RECEIVE_LABELS[row]}, ${count}`, value, text };
      },
    ),
  }));
  return {
    name: "connections",
    title: "Processor time per frame, by the number of connections that the frames come on",
    panels,
  };
}
