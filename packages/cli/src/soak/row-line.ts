import { FAULTS } from "./fault.js";
import { faultsOf } from "./judge.js";
import type { DrivenRow, SoakRow } from "./row.js";

const MIB = 2 ** 20;

/** The columns of a row as people read them, in the order of {@link SOAK_COLUMNS}. */
export function cellsOf(row: SoakRow): readonly string[] {
  switch (row.kind) {
    case "driven":
      return [row.client, row.fault, ...figures(row), verdictOf(row)];
    case "inapplicable":
    case "unfit":
      return [row.client, row.fault, "", "", "", "", "", "", verdictOf(row)];
    default:
      return row satisfies never;
  }
}

/** The heads of {@link cellsOf}. */
export const SOAK_COLUMNS = [
  "client",
  "fault",
  "attempts",
  "noticed",
  "back",
  "lost",
  "said so",
  "grown",
  "verdict",
] as const;

/** A line of a table that is printed row by row, so the widths are fixed. */
export function tableLine(cells: readonly string[]): string {
  const widths = [26, 14, 9, 9, 9, 13, 8, 9, 0];
  return cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(" ")
    .trimEnd();
}

/** In a few words. */
export function verdictOf(row: SoakRow): string {
  if (row.kind === "unfit") return `cannot be driven here: ${row.reason}`;
  if (row.kind === "inapplicable") return `does not apply: ${row.reason}`;
  return faultsOf(row).join(", ") || "right";
}

function figures(row: DrivenRow): readonly string[] {
  const { attempts, noticedMs, recoveredMs, lost, unsent, announced, grownBytes, fault } = row;
  return [
    String(attempts),
    noticedMs === null ? "no" : seconds(noticedMs),
    // A server that stays shut lets no client come back.
    FAULTS[fault].heals === "never" ? "" : recoveredMs === null ? "no" : seconds(recoveredMs),
    unsent === 0 ? String(lost) : `${lost}+${unsent}`,
    announced === null ? "" : announced ? "yes" : "no",
    `${(grownBytes / MIB).toFixed(0)} MiB`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
