import type { Run } from "../model.js";
import { figureText, lineOf, nodeName } from "./lines.js";
import { headlineRows } from "./history.js";
import { marker, wrapped } from "./page.js";
import { markdownTable } from "./tables.js";

const BEGIN = "<!-- performance: written by `npm run bench -- --write` -->";
const END = "<!-- /performance -->";

/** Five rows that compare the stack with bare `ws`. */
export function readmeBlock(runs: readonly Run[]): string {
  const header = ["x bare `ws`", ...runs.map(nodeName)];
  const body = headlineRows().map((row) => [
    row.target?.sense === "at most" ? `${row.label} (less is better)` : row.label,
    ...runs.map((run) => figureText(lineOf(row, run))),
  ]);
  return [BEGIN, markdownTable([header, ...body]), ...marker(runs).map(wrapped), END].join("\n\n");
}

/** The README with its block replaced. @throws Error when it has none */
export function withReadmeBlock(readme: string, runs: readonly Run[]): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from === -1 || to < from) throw new Error("the README has no place for its performance");
  return readme.slice(0, from) + readmeBlock(runs) + readme.slice(to + END.length);
}
