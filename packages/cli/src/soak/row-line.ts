import { faultsOf } from "./judge.js";
import type { SoakRow } from "./row.js";

const MIB = 2 ** 20;

/** The columns of a row as people read them, in the order of {@link SOAK_COLUMNS}. */
export function cellsOf(row: SoakRow): readonly string[] {
  if (row.unfit !== undefined) return [row.client, row.fault, "", "", "", "", "", "", `cannot be driven here: ${row.unfit}`];
  const faults = faultsOf(row);
  return [
    row.client,
    row.fault,
    String(row.attempts),
    seconds(row.noticedMs),
    seconds(row.recoveredMs),
    String(row.lost),
    row.announced === null ? "" : row.announced ? "yes" : "no",
    `${(row.grownBytes / MIB).toFixed(0)} MiB`,
    faults.length === 0 ? "right" : faults.join(", "),
  ];
}

/** The heads of {@link cellsOf}. */
export const SOAK_COLUMNS = ["client", "fault", "attempts", "noticed", "back", "lost", "said so", "grown", "verdict"] as const;

/** A line of a table that is printed row by row, so the widths are fixed. */
export function tableLine(cells: readonly string[]): string {
  const widths = [34, 14, 9, 9, 9, 7, 8, 9, 0];
  return cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(" ")
    .trimEnd();
}

function seconds(ms: number | null): string {
  return ms === null ? "never" : `${(ms / 1000).toFixed(1)} s`;
}
