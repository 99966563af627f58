// The parts of ADR-0033 and ADR-0036 that are generated from the code: the state diagrams of the
// supervisor and of a feed's connection, and the table of the default verdicts.
//
//   node scripts/state-diagram.js            prints all three
//   node scripts/state-diagram.js --write    puts them into the records
//   node scripts/state-diagram.js --check    exits with 1 when the records do not hold them
//
// It reads the build (`npm run build` first). A test calls the functions below with the sources, so
// an outdated record fails there too.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

/** @typedef {{ readonly to: string, readonly effects: readonly string[] }} Step */
/**
 * @typedef {Readonly<Record<string, Readonly<Record<string, Step | "ignore">>>>} Table the shape of
 *   `TRANSITIONS`
 */
/**
 * @typedef {{ readonly name: string, readonly verdict: string, readonly reason: string }} Rule the
 *   part of a `ClassifyRule` shown
 */

const ROOT = join(import.meta.dirname, "..");

/** The record that holds the supervisor's states and the default verdicts. */
export const RECORD = join(ROOT, "docs", "adr", "0033-websocket-resilience-stack.md");

/** The record that holds the states of a feed's connection. */
export const LINK_RECORD = join(ROOT, "docs", "adr", "0036-venue-kit.md");

/**
 * The table as a Mermaid diagram, one arrow per pair of states and set of effects, and below it
 * what each state ignores.
 *
 * @param {Table} table
 * @returns {string}
 */
export function renderStates(table) {
  const arrows = [`  [*] --> ${Object.keys(table)[0]}`];
  const ignored = [];
  for (const [from, row] of Object.entries(table)) {
    /** @type {Map<string, { readonly step: Step, readonly inputs: string[] }>} */
    const merged = new Map();
    for (const [input, step] of Object.entries(row)) {
      if (step === "ignore") continue;
      const key = `${step.to}/${step.effects.join()}`;
      const known = merged.get(key) ?? { step, inputs: [] };
      known.inputs.push(input);
      merged.set(key, known);
    }
    for (const { step, inputs } of merged.values()) {
      const effects = step.effects.length === 0 ? "" : ` / ${step.effects.join(", ")}`;
      arrows.push(`  ${from} --> ${step.to} : ${inputs.join(" or ")}${effects}`);
    }
    if (merged.size === 0) arrows.push(`  ${from} --> [*]`);
    const inputs = Object.keys(row).filter((input) => row[input] === "ignore");
    if (inputs.length > 0)
      ignored.push(`\`${from}\`: ${inputs.map((input) => `\`${input}\``).join(", ")}`);
  }
  const cells = Object.values(table).map((row) => Object.keys(row).length);
  const isFull = cells.every((count) => count === cells[0]);
  return [
    "```mermaid",
    "stateDiagram-v2",
    "  direction TB",
    ...arrows,
    "```",
    "",
    "An arrow reads: input / effects, in their order. Legal inputs that change nothing:",
    "",
    ...ignored.map((line) => `- ${line}`),
    "",
    isFull
      ? "There is no other pair of state and input."
      : "Every other pair of state and input is refused with a `RangeError`, and nothing has " +
        "changed then.",
  ].join("\n");
}

/**
 * The rules of the default policy as a table, in the order in which they are tried.
 *
 * @param {readonly Rule[]} rules
 * @returns {string}
 */
export function renderRules(rules) {
  const rows = rules.map(
    ({ name, verdict, reason }) => `| ${name} | ${describeVerdict(verdict)} | ${reason} |`,
  );
  return [
    "| failure (the first row that matches decides) | verdict | why |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}

/** @param {string} verdict */
function describeVerdict(verdict) {
  return verdict === "address"
    ? "permanent until the first connection, transient after it"
    : verdict;
}

/**
 * The record with both blocks brought up to date. Throws when it has lost its markers.
 *
 * @param {string} record
 * @param {Table} table
 * @param {readonly Rule[]} rules
 * @returns {string}
 */
export function withGenerated(record, table, rules) {
  return replaceBlock(
    replaceBlock(record, "states", renderStates(table)),
    "rules",
    renderRules(rules),
  );
}

/**
 * The record of the kit with its diagram brought up to date. Throws when it has lost its markers.
 *
 * @param {string} record
 * @param {Table} table
 * @returns {string}
 */
export function withLinkStates(record, table) {
  return replaceBlock(record, "connection states", renderStates(table));
}

/**
 * @param {string} record
 * @param {string} name
 * @param {string} content
 */
function replaceBlock(record, name, content) {
  const begin = `<!-- generated: ${name}, by scripts/state-diagram.js -->`;
  const end = `<!-- end of generated: ${name} -->`;
  const from = record.indexOf(begin);
  const to = record.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`the record has no block "${name}" between its two markers`);
  return `${record.slice(0, from + begin.length)}\n${content}\n${record.slice(to)}`;
}

/** @param {readonly string[]} args */
async function main(args) {
  const [mode = "--print", ...rest] = args;
  if (!["--print", "--write", "--check"].includes(mode) || rest.length > 0) {
    throw new Error("usage: node scripts/state-diagram.js [--write | --check]");
  }
  const { TRANSITIONS } = await built("resilience", "core", "supervisor-table.js");
  const { DEFAULT_RULES } = await built("resilience", "core", "default-classify.js");
  const { LINK_TRANSITIONS } = await built("venue-kit", "connection", "link-table.js");
  if (mode === "--print") {
    const blocks = [
      renderStates(TRANSITIONS),
      renderRules(DEFAULT_RULES),
      renderStates(LINK_TRANSITIONS),
    ];
    process.stdout.write(`${blocks.join("\n\n")}\n`);
    return;
  }
  update(mode, RECORD, (record) => withGenerated(record, TRANSITIONS, DEFAULT_RULES));
  update(mode, LINK_RECORD, (record) => withLinkStates(record, LINK_TRANSITIONS));
}

/**
 * @param {string} mode
 * @param {string} file
 * @param {(record: string) => string} generate
 */
function update(mode, file, generate) {
  const before = readFileSync(file, "utf8");
  const after = generate(before);
  if (after === before) return;
  if (mode === "--check")
    throw new Error(`${basename(file)} is out of date: run node scripts/state-diagram.js --write`);
  writeFileSync(file, after);
}

/** @param {readonly [string, ...string[]]} place the package, and the file in its build */
async function built(...place) {
  const [name, ...path] = place;
  try {
    return await import(pathToFileURL(join(ROOT, "packages", name, "dist", ...path)).href);
  } catch (error) {
    throw new Error(`cannot read the build of packages/${name}: run npm run build`, {
      cause: error,
    });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
