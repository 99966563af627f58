import { heapAndExternal } from "../../metrics.js";
import type { Retained } from "../../protocol.js";
import type { Results } from "../../results.js";
import { MEMORY_LABELS } from "../../rows.js";
import { spread } from "../../stats.js";
import { fixed } from "../format.js";
import { bars } from "./plot.js";
import type { Plot } from "./plot.js";

export function memoryPlot({ memory }: Results): Plot {
  const panel = (title: string, pick: (repeat: Retained) => number): Plot["panels"][number] => ({
    title,
    bars: bars(memory, ({ row, repeats }) => {
      const value = spread(repeats.map(pick));
      return {
        label: MEMORY_LABELS[row],
        value,
        text: `${fixed(value?.median ?? Number.NaN, 0)} B`,
      };
    }),
  });
  const panels = [
    panel("heap and external", heapAndExternal),
    panel("resident set", ({ rss }) => rss),
  ];
  return { name: "memory", title: "Retained per idle connection, bytes", panels };
}
