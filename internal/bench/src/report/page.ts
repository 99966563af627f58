import type { Row, Run } from "../model.js";
import { targetText } from "../verdict.js";
import { conditionText, figureText, lineOf, nodeName, remarks } from "./lines.js";
import type { Line } from "./lines.js";
import { markdownTable } from "./tables.js";

/** Columns of a line of prose. */
const WIDTH = 100;

/**
 * The report.
 *
 * @param runs one for each major version of Node
 * @param pictures the folder of plots and runs, as seen from the page
 */
export function performancePage(
  rows: readonly Row[],
  runs: readonly Run[],
  pictures: string,
): string {
  const lines = rows.map((row) => runs.map((run) => lineOf(row, run)));
  const all = lines.flat();
  const judged = all.filter(({ verdict }) => verdict !== "-");
  const met = judged.filter(({ verdict }) => verdict === "met");
  const blocks = [
    "# Performance",
    "<!-- Written by `npm run bench -- --write`. What is changed by hand is lost. -->",
    ...marker(runs),
    "Each figure compares two clients that do the same work one right after the other, over " +
      "loopback, with the sender in a process of its own: bare `ws` is 1 unless the row names " +
      "another base. A figure is the median over all pairs of rounds, with [the lowest-the " +
      "highest]; for latency it is the difference with its interval of 95 % confidence, and " +
      "p99 is of 1 080 frames or more a round in a full run. The base " +
      "of `text()` is `ws` with `toString()`, that of events `ws` with `JSON.parse`, and every " +
      "price and quantity of an event is read as a string. The stack runs with its defaults over " +
      "the `direct` transport, and a round in which it dropped a frame does not count. TLS " +
      "is 1.3, in records of up to 16 KiB. Beside each receive row stand the page faults a " +
      "frame and the major collections a second, ours first and the base's in parentheses. " +
      "How to run it is on " +
      "[the benchmark's page](../../internal/bench/README.md).",
    ...runs.map(setUp),
    `**${met.length} of ${judged.length} targets are met, ${judged.length - met.length} missed.**`,
    tableOf(lines.filter(isJudged), runs),
    ...shownText(
      lines.filter((ofRow) => !isJudged(ofRow)),
      runs,
    ),
    ...remarks(all),
    "## Misses",
    missText(lines),
    ...absentText(all),
    "## Plots",
    `![Ratios to bare ws with their targets](${pictures}/ratios.svg)`,
    `![The headline rows over the measured commits](${pictures}/history.svg)`,
    `The rounds behind every figure are in [${pictures}](${pictures}), a file for each ` +
      "commit and version of Node. `npm run bench -- --history` prints how the headline rows " +
      "developed.",
  ];
  return `${blocks.map(wrapped).join("\n\n")}\n`;
}

/** More of the processors than this in the hands of others disturbs a run. */
const QUIET_SHARE = 0.1;

/** Says that figures are no evidence, where they are none. */
export function marker(runs: readonly Run[]): string[] {
  const isShort = runs.some((run) => run.short);
  const isBusy = runs.some(({ machine }) => machine.othersBusy > QUIET_SHARE);
  if (!isShort && !isBusy) return [];
  const what = `${isShort ? "short run" : "run"}${isBusy ? " on a busy machine" : ""}`;
  return [`**This is a ${what}: it shows that every row works. Its figures are no evidence.**`];
}

/** Where, when and with what a run was made. */
export function setUp(run: Run): string {
  const { machine, commit, dirty, node, tookS } = run;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return (
    `${nodeName(run)}: commit ${commit}${dirty ? " with changes" : ""}, ` +
    `${machine.date.slice(0, 16)}Z, ` +
    `Node ${node}, ${packages.join(", ")}, ${machine.cores} cores of ${machine.cpu}, ` +
    `${machine.memoryGiB} GiB, ${machine.system}. Others used ` +
    `${Math.round(machine.othersBusy * 100)} % of the processors, and the run took ` +
    `${Math.round(tookS / 6) / 10} minutes.`
  );
}

/** What the runs say about one row. */
type OfRow = readonly Line[];

function isJudged([line]: OfRow): boolean {
  return line?.row.target !== undefined;
}

function shownText(lines: readonly OfRow[], runs: readonly Run[]): string[] {
  return lines.length === 0 ? [] : ["Shown without a target:", tableOf(lines, runs)];
}

/** Columns in which no row has anything are left out. */
function tableOf(lines: readonly OfRow[], runs: readonly Run[]): string {
  const header = [
    "row",
    "target",
    ...runs.flatMap((run) => [nodeName(run), "faults a frame", "majors/s", "verdict"]),
  ];
  const body = lines.map((ofRow) => [
    ofRow[0]?.row.label ?? "",
    targetText(ofRow[0]?.row.target),
    ...ofRow.flatMap((line) => [
      figureText(line),
      conditionText(line, "faultsPerItem"),
      conditionText(line, "majorsPerSecond"),
      isJudged(ofRow) ? line.verdict : "",
    ]),
  ]);
  const used = header.map((_, column) => body.some((cells) => (cells[column] ?? "") !== ""));
  return markdownTable([header, ...body].map((cells) => cells.filter((_, at) => used[at])));
}

/** Rows with the same reason stand together. */
function missText(lines: readonly OfRow[]): string {
  const byReason = new Map<string, string[]>();
  for (const ofRow of lines) {
    const missed = ofRow.filter(({ verdict }) => verdict === "MISSED");
    const [first] = missed;
    if (first === undefined) continue;
    const reason = first.row.reason ?? "No reason is known.";
    const item = `**${first.row.label}** (${missed.map(({ run }) => nodeName(run)).join(", ")})`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), item]);
  }
  if (byReason.size === 0) return "None.";
  return [...byReason].map(([reason, items]) => `- ${reason} ${items.join("; ")}.`).join("\n");
}

function absentText(lines: readonly Line[]): string[] {
  const items = lines.flatMap(({ row, run, result }) =>
    result !== undefined && "absent" in result
      ? [`- ${row.label}, ${nodeName(run)}: ${result.absent}.`]
      : [],
  );
  return items.length === 0 ? [] : ["## Not measured", items.join("\n")];
}

/** Breaks lines of prose between words. Tables and pictures stay as they are. */
export function wrapped(block: string): string {
  if (/^[|!<]/.test(block)) return block;
  return block.split("\n").map(wrapLine).join("\n");
}

function wrapLine(line: string): string {
  const indent = line.startsWith("- ") ? "  " : "";
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines.join("\n");
}
