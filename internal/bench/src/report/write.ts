import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Results } from "../results.js";
import type { Verdict } from "../verdict.js";
import { markdownReport } from "./markdown.js";
import { PLOTS } from "./plots/index.js";
import { svg } from "./plots/svg.js";

const DOCS = new URL("../../../../docs/", import.meta.url);
const PICTURES = "performance";

/** Writes the page and its pictures, and returns where the page is. */
export async function writeReport(results: Results, verdicts: readonly Verdict[]): Promise<string> {
  const pictures = new URL(`${PICTURES}/`, DOCS);
  await mkdir(pictures, { recursive: true });
  for (const part of results.plan.parts) {
    const plot = PLOTS[part](results);
    await writeFile(new URL(`${plot.name}.svg`, pictures), svg(plot));
  }
  const page = new URL("performance.md", DOCS);
  await writeFile(page, markdownReport(results, verdicts, PICTURES));
  return fileURLToPath(page);
}
