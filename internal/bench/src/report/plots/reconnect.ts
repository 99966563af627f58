import type { Results } from "../../results.js";
import { RECONNECT_LABELS } from "../../rows.js";
import { spread } from "../../stats.js";
import { fixed } from "../format.js";
import { bars } from "./plot.js";
import type { Plot } from "./plot.js";

export function reconnectPlot({ reconnect }: Results): Plot {
  const panel = {
    title: "median of a repeat",
    bars: bars(reconnect, ({ row, repeats }) => {
      const value = spread(repeats.map(({ p50Us }) => p50Us / 1e3));
      return {
        label: RECONNECT_LABELS[row],
        value,
        text: `${fixed(value?.median ?? Number.NaN, 2)} ms`,
      };
    }),
  };
  return {
    name: "reconnect",
    title: "From a reset to the first frame of the next connection, milliseconds",
    panels: [panel],
  };
}
