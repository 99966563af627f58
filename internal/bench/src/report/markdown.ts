import type { Part } from "../plan.js";
import { failures } from "../results.js";
import type { Results } from "../results.js";
import { missed } from "../verdict.js";
import type { Verdict } from "../verdict.js";
import { fixed } from "./format.js";
import { machineLines } from "./machine-lines.js";
import { PLOTS } from "./plots/index.js";
import { PROSE } from "./prose.js";
import type { Section } from "./section.js";
import { SECTIONS } from "./sections/index.js";
import { verdictSection } from "./sections/verdicts.js";

/** Columns of a line of prose. */
const LINE = 150;

/**
 * The report as a page.
 *
 * @param pictures the folder of the plots, as seen from the page
 */
export function markdownReport(
  results: Results,
  verdicts: readonly Verdict[],
  pictures: string,
): string {
  const judged = verdicts.filter(({ verdict }) => verdict !== "not measured").length;
  const failed = failures(results);
  const blocks = [
    "# Performance",
    "<!-- Written by `npm run bench -- --write`. What is changed by hand is lost. -->",
    wrap(
      "Everything here was measured in one run of `npm run bench` on one machine, over loopback, with the sender in a process of its own. " +
        "Every repeat of a row is measured next to one of bare `ws`, before it in one round and after it in the next; a ratio is the median of the ratios " +
        "of these neighbours, `range` the smallest and the largest. `cpu` is processor time of the measured process, all threads; it is less easily " +
        "disturbed by others on the machine than a rate. [The benchmark's page](../internal/bench/README.md) says how to run it.",
    ),
    machineLines(results.machine).map(wrap).join("  \n"),
    `The run took ${fixed(results.tookMs / 60_000, 1)} minutes. **${judged - missed(verdicts)} of ${judged} targets are met, ${missed(verdicts)} missed.**`,
    ...(failed.length > 0 ? ["Not measured:", failed.map((line) => `- ${line}`).join("\n")] : []),
    ...results.plan.parts.flatMap((part) => partBlocks(part, results, verdicts, pictures)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function partBlocks(
  part: Part,
  results: Results,
  verdicts: readonly Verdict[],
  pictures: string,
): string[] {
  const { heading, text } = PROSE[part];
  const targets = verdicts.filter((verdict) => verdict.part === part);
  const plot = PLOTS[part](results);
  return [
    `## ${heading}`,
    wrap(`${text} Rounds: ${results.plan[part].repeats}.`),
    `![${plot.title}](${pictures}/${plot.name}.svg)`,
    ...(targets.length > 0
      ? sectionBlocks({ ...verdictSection(targets), title: `Targets: ${heading.toLowerCase()}` })
      : []),
    ...SECTIONS[part](results).flatMap(sectionBlocks),
  ];
}

function sectionBlocks({ title, lead, header, rows }: Section): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = line(header.map((_, column) => (column === 0 ? "---" : "---:")));
  const filled = rows.map((row) => line(header.map((_, column) => row[column] ?? "")));
  return [
    `### ${title}`,
    ...(lead === undefined ? [] : [wrap(lead)]),
    [line(header), rule, ...filled].join("\n"),
  ];
}

/** Breaks between words, so that the page can be read as text too. */
function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
