import { failures } from "../results.js";
import type { Results } from "../results.js";
import { missed } from "../verdict.js";
import type { Verdict } from "../verdict.js";
import { fixed } from "./format.js";
import { machineLines } from "./machine-lines.js";
import type { Section } from "./section.js";
import { SECTIONS } from "./sections/index.js";
import { verdictSection } from "./sections/verdicts.js";
import { table } from "./table.js";

/** The whole report as tables. */
export function textReport(results: Results, verdicts: readonly Verdict[]): string {
  const sections = results.plan.parts.flatMap((part) => SECTIONS[part](results));
  if (verdicts.length > 0) sections.push(verdictSection(verdicts));
  const failed = failures(results);
  const blocks = [
    machineLines(results.machine).join("\n"),
    ...sections.map(sectionText),
    ...(failed.length > 0
      ? [["NOT MEASURED", ...failed.map((line) => `  ${line}`)].join("\n")]
      : []),
    `${missed(verdicts)} of ${verdicts.length} targets missed; took ${fixed(results.tookMs / 1e3, 0)} s`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function sectionText({ title, lead, header, rows }: Section): string {
  return [title.toUpperCase(), ...(lead === undefined ? [] : [lead]), table(header, rows)].join(
    "\n",
  );
}
