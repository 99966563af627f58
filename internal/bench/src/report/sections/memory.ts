import { heapAndExternal, timesBase, typical } from "../../metrics.js";
import type { Results } from "../../results.js";
import { MEMORY_LABELS } from "../../rows.js";
import { fixed, withRange } from "../format.js";
import type { Section } from "../section.js";

export function memorySections({ plan, memory }: Results): Section[] {
  const rows = memory.map((cell) => {
    const label = MEMORY_LABELS[cell.row];
    if (cell.failure !== undefined) return [label, "invalid"];
    const of = (pick: (repeat: (typeof cell.repeats)[number]) => number): string =>
      fixed(typical(cell, pick), 0);
    return [
      label,
      of(({ heap }) => heap),
      of(({ external }) => external),
      of(({ arrayBuffers }) => arrayBuffers),
      of(heapAndExternal),
      ...withRange(timesBase(cell, heapAndExternal), 3),
      of(({ rss }) => rss),
    ];
  });
  return [
    {
      title: `Memory, bytes retained per idle connection, ${plan.memory.connections} open`,
      header: [
        "row",
        "heap",
        "external",
        "of it arrayBuffers",
        "heap + external",
        "x bare ws",
        "range",
        "rss",
      ],
      rows,
    },
  ];
}
