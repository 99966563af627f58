import { clockReadsPerRead, objectsPerFrame, sitesOfEveryFrame, typical } from "../../metrics.js";
import type { Allocation, AllocationCell } from "../../parts/allocation.js";
import type { Results } from "../../results.js";
import { cellOf } from "../../results.js";
import { RECEIVE_LABELS } from "../../rows.js";
import { fixed } from "../format.js";
import type { Section } from "../section.js";

const HEADER = [
  "row",
  "heap B/frame",
  "external B/frame",
  "objects/frame",
  "of it by sites of every frame",
  "frames/read",
  "clock reads/read",
  "timers",
  "promises/read",
  "ticks/read",
];

/** Functions shown in a profile. */
const SHOWN = 8;

export function allocationSections({ plan, allocation }: Results): Section[] {
  return plan.allocation.sizes.flatMap((size) => [
    {
      title: `Allocation per frame of ${size} B`,
      header: HEADER,
      rows: allocation.filter((cell) => cell.size === size).map(allocationRow),
    },
    ...profile(cellOf(allocation, "direct-take", { size })),
  ]);
}

function allocationRow(cell: AllocationCell): string[] {
  const label = RECEIVE_LABELS[cell.row];
  if (cell.failure !== undefined) return [label, "invalid"];
  const of = (pick: (repeat: Allocation) => number, digits: number): string =>
    fixed(typical(cell, pick), digits);
  return [
    label,
    of(({ heap }) => heap, 1),
    of(({ external }) => external, 1),
    of(objectsPerFrame, 3),
    of(sitesOfEveryFrame, 3),
    of(({ calls }) => calls.frames / calls.reads, 1),
    of(clockReadsPerRead, 3),
    of(({ calls }) => calls.timers, 0),
    of(({ calls }) => calls.promises / calls.reads, 2),
    of(({ calls }) => calls.ticks / calls.reads, 2),
  ];
}

/** Who allocated what, in one of the repeats. */
function profile(cell: AllocationCell | undefined): Section[] {
  const found = cell?.repeats.at(-1);
  if (cell === undefined || found === undefined) return [];
  return [
    {
      title: `Allocation profile of ${RECEIVE_LABELS[cell.row]}, ${cell.size} B`,
      header: ["function", "objects/frame", "B/frame"],
      rows: found.sites
        .slice(0, SHOWN)
        .map(({ where, objects, bytes }) => [where, fixed(objects, 4), fixed(bytes, 2)]),
    },
  ];
}
