import type { Row, Run } from "../model.js";
import { HEADLINES, ROWS } from "../rows.js";
import { figureText, lineOf, nodeName } from "./lines.js";
import { table } from "./tables.js";

/** The rows that are followed over commits, and shown in the README. */
export function headlineRows(): readonly Row[] {
  return ROWS.filter(({ id }) => HEADLINES.includes(id));
}

/** The headline rows of all kept runs, the oldest first. */
export function historyText(runs: readonly Run[]): string {
  const rows = headlineRows();
  const header = ["date", "commit", "Node", ...rows.map(({ id }) => id), ""];
  const body = runs.map((run) => [
    run.machine.date.slice(0, 10),
    run.commit,
    nodeName(run),
    ...rows.map((row) => figureText(lineOf(row, run))),
    run.short ? "short run" : "",
  ]);
  return table([header, ...body]);
}
