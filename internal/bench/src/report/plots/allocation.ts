import { sitesOfEveryFrame } from "../../metrics.js";
import type { Allocation } from "../../parts/allocation.js";
import type { Results } from "../../results.js";
import { RECEIVE_LABELS } from "../../rows.js";
import { spread } from "../../stats.js";
import { fixed } from "../format.js";
import { bars } from "./plot.js";
import type { Plot } from "./plot.js";

export function allocationPlot({ plan, allocation }: Results): Plot {
  const panel = (
    size: number,
    what: string,
    digits: number,
    pick: (repeat: Allocation) => number,
  ): Plot["panels"][number] => ({
    title: `${size} B: ${what}`,
    bars: bars(
      allocation.filter((cell) => cell.size === size),
      ({ row, repeats }) => {
        const value = spread(repeats.map(pick));
        return {
          label: RECEIVE_LABELS[row],
          value,
          text: fixed(value?.median ?? Number.NaN, digits),
        };
      },
    ),
  });
  const panels = plan.allocation.sizes.flatMap((size) => [
    panel(size, "bytes of heap", 0, ({ heap }) => heap),
    panel(size, "objects", 2, sitesOfEveryFrame),
  ]);
  return { name: "allocation", title: "Allocated per frame", panels };
}
