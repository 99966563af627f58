import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Run } from "../model.js";
import { ROWS } from "../rows.js";
import { majorOf } from "../verdict.js";
import { performancePage } from "./page.js";
import { historyPlot, ratiosPlot } from "./plots.js";
import { withReadmeBlock } from "./readme.js";

const ROOT = new URL("../../../../", import.meta.url);
const REPORTS = new URL("docs/reports/", ROOT);
const FOLDER = "performance";
const RUNS = new URL(`${FOLDER}/`, REPORTS);
/** The page, and the README that has a part of it. */
export const PAGE: URL = new URL("performance.md", REPORTS);
export const README: URL = new URL("README.md", ROOT);

/**
 * Keeps a run beside those of other commits, and returns where. A full run takes the place of all
 * short ones.
 */
export async function keepRun(run: Run, folder: URL = RUNS): Promise<string> {
  await mkdir(folder, { recursive: true });
  if (!run.short) {
    const shortRuns = (await readRuns(folder)).filter(({ short }) => short);
    await Promise.all(shortRuns.map((other) => rm(fileOf(other, folder))));
  }
  // A line for each row, so that a difference between two runs can be read.
  const rows = run.rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  const { rows: _, ...head } = run;
  const text = JSON.stringify(head, undefined, 2).replace(
    /\n\}$/,
    `,\n  "rows": [\n${rows}\n  ]\n}\n`,
  );
  const file = fileOf(run, folder);
  await writeFile(file, text);
  return fileURLToPath(file);
}

function fileOf({ commit, node }: Run, folder: URL): URL {
  return new URL(`${commit}-node${majorOf(node)}.json`, folder);
}

/** All runs that are kept, the oldest first. @throws Error for a file that is no run */
export async function readRuns(folder: URL = RUNS): Promise<Run[]> {
  const names = await readdir(folder);
  const runs = await Promise.all(
    names.filter((name) => name.endsWith(".json")).map((name) => readRun(new URL(name, folder))),
  );
  return runs.toSorted((a, b) => a.machine.date.localeCompare(b.machine.date));
}

async function readRun(file: URL): Promise<Run> {
  const run = JSON.parse(await readFile(file, "utf8")) as Partial<Run> | null;
  if (run?.format !== 1 || run.rows === undefined)
    throw new Error(`${fileURLToPath(file)} is no run of this benchmark`);
  return run as Run;
}

/** The newest run under each major version of Node. A short run only where there is no full one. */
export function newestOf(runs: readonly Run[]): readonly Run[] {
  const best = runs.toSorted((a, b) => Number(b.short) - Number(a.short));
  const newest = new Map(best.map((run) => [majorOf(run.node), run]));
  return [...newest].toSorted(([a], [b]) => a - b).map(([, run]) => run);
}

/** The page as it has to be. */
export function pageOf(runs: readonly Run[]): string {
  return performancePage(ROWS, newestOf(runs), FOLDER);
}

/** Writes the page, its plots and the README's part, and returns where the page is. */
export async function writeReport(runs: readonly Run[]): Promise<string> {
  if (runs.length === 0) throw new Error("no run is kept: measure with --write first");
  await writeFile(new URL("ratios.svg", RUNS), await ratiosPlot(ROWS, newestOf(runs)));
  await writeFile(new URL("history.svg", RUNS), await historyPlot(runs));
  await writeFile(PAGE, pageOf(runs));
  const readme = await readFile(README, "utf8");
  await writeFile(README, withReadmeBlock(readme, newestOf(runs)));
  return fileURLToPath(PAGE);
}
