import { framesPerSecond, timesBase, typical } from "../../metrics.js";
import type { Timed } from "../../protocol.js";
import type { Measured } from "../../rounds.js";
import { fixed, perSecond } from "../format.js";
import { bars } from "./plot.js";
import type { Panel } from "./plot.js";

/** Rates as multiples of the base row's. */
export function timedPanel<Row extends string>(
  title: string,
  cells: readonly Measured<Row, Timed>[],
  labels: Readonly<Record<Row, string>>,
): Panel {
  const shown = bars(cells, (cell) => {
    const value = timesBase(cell, framesPerSecond);
    return {
      label: labels[cell.row],
      value,
      text: `${fixed(value?.median ?? Number.NaN, 2)} x, ${perSecond(typical(cell, framesPerSecond))}/s`,
    };
  });
  return { title, bars: shown, reference: 1 };
}
