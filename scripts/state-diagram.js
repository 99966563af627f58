// The parts of ADR-0033 that are generated from the code: the supervisor's state diagram and the
// table of the default verdicts.
//
//   node scripts/state-diagram.js            prints both
//   node scripts/state-diagram.js --write    puts both into the record
//   node scripts/state-diagram.js --check    exits with 1 when the record does not hold them
//
// It reads the build (`npm run build` first). A test calls the functions below with the sources, so
// an outdated record fails there too.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** The record that holds the generated blocks. */
export const RECORD = join(ROOT, "docs", "adr", "0033-websocket-resilience-stack.md");

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
    "Every other pair of state and input is refused with a `RangeError`, and nothing has changed then.",
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
  const { TRANSITIONS } = await built("supervisor-table.js");
  const { DEFAULT_RULES } = await built("default-classify.js");
  if (mode === "--print") {
    process.stdout.write(`${renderStates(TRANSITIONS)}\n\n${renderRules(DEFAULT_RULES)}\n`);
    return;
  }
  const before = readFileSync(RECORD, "utf8");
  const after = withGenerated(before, TRANSITIONS, DEFAULT_RULES);
  if (after === before) return;
  if (mode === "--check")
    throw new Error("ADR-0033 is out of date: run node scripts/state-diagram.js --write");
  writeFileSync(RECORD, after);
}

/** @param {string} file */
async function built(file) {
  try {
    return await import(
      pathToFileURL(join(ROOT, "packages", "resilience", "dist", "core", file)).href
    );
  } catch (error) {
    throw new Error(`cannot read the build of packages/resilience (${file}): run npm run build`, {
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
