import type { Spread } from "../../stats.js";
import { BASE_ROW } from "../../rows.js";

/** Whose bar it is: each has a colour. */
export type Tone = "base" | "ours" | "direct" | "other";

export interface Bar {
  readonly label: string;
  readonly tone: Tone;
  /** The bar is as long as the median; a thin line shows the range. */
  readonly value: Spread;
  /** What is written beside it. */
  readonly text: string;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Where a dashed line goes, if anywhere. */
  readonly reference?: number;
}

/** One picture. */
export interface Plot {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const OURS: ReadonlySet<string> = new Set([
  "take",
  "for-await",
  "take-text",
  "oath",
  "binance-take",
  "binance-for-await",
]);

/** Whose a row is, by its name. */
export function toneOf(row: string): Tone {
  if (row === BASE_ROW || row.startsWith(`${BASE_ROW}-`)) return "base";
  if (row.includes("direct")) return "direct";
  return OURS.has(row) ? "ours" : "other";
}

/** A bar for everything that was measured. */
export function bars<C extends { readonly row: string }>(
  cells: readonly C[],
  bar: (cell: C) => {
    readonly label: string;
    readonly value: Spread | undefined;
    readonly text: string;
  },
): Bar[] {
  return cells.flatMap((cell) => {
    const { value, ...shown } = bar(cell);
    return value === undefined ? [] : [{ ...shown, value, tone: toneOf(cell.row) }];
  });
}
