// Holds the repository's text to two rules: 100 columns, and words that name what they mean.
//
//   node scripts/prose.js             lists what breaks a rule, and fails if anything does
//   node scripts/prose.js --write     wraps long comments and long paragraphs of markdown first
//
// Exempt from the width are rows of tables, and lines that one unbroken word (an address, a digest)
// makes long; and titles of tests, which the formatter keeps on one line: scripts/titles.js holds
// the title itself to the width. Recordings, pictures and lockfiles are not text.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const WIDTH = 100;

/** Agents without a name: a sentence that uses one does not say which part of the system acts. */
const UNCLEAR = /\b(?:whoever|somebody|nobody|anew)\b/i;

/** These name the words. */
const EXEMPT_FROM_WORDS = new Set(["scripts/prose.js", "internal/packages/test/prose.test.ts"]);

const CODE = /\.(?:[cm]?[jt]sx?|css|html|ya?ml|py|pml|sh)$|^\.ci\/[\w-]+$/;
const MARKDOWN = /\.md$/;
const UNBROKEN = /^\s*(?:(?:it|test|describe)(?:\.\w+)*\(["'`]|\/[^\s/*]|String\.raw`)/;

/**
 * @param {string} text
 * @param {"code" | "markdown"} kind
 * @returns {{ readonly line: number, readonly why: string }[]}
 */
export function problems(text, kind, { words = true } = {}) {
  const found = [];
  let isFenced = false;
  for (const [index, line] of text.split("\n").entries()) {
    const isFence = kind === "markdown" && /^\s*(?:```|~~~)/.test(line);
    if (isFence) isFenced = !isFenced;
    const isTable = kind === "markdown" && !isFenced && isTableRow(line);
    const isExempt = isTable || UNBROKEN.test(line);
    if (isTooLong(line, WIDTH) && !isExempt)
      found.push({ line: index + 1, why: `${line.length} columns, ${WIDTH} allowed` });
    const unclear = words ? UNCLEAR.exec(line) : null;
    if (unclear !== null)
      found.push({ line: index + 1, why: `"${unclear[0]}" does not say who acts` });
  }
  return found;
}

/**
 * Wraps the paragraphs and list items of markdown that have a line over the width. Everything else
 * stays as it is.
 *
 * @param {string} text
 * @param {number} width
 */
export function wrapMarkdown(text, width = WIDTH) {
  /** @type {string[]} */
  const out = [];
  let isFenced = false;
  /** @type {string[]} */
  let block = [];
  const flush = () => {
    out.push(...(block.some((line) => isTooLong(line, width)) ? wrapBlock(block, width) : block));
    block = [];
  };
  for (const line of text.split("\n")) {
    const isFence = /^\s*(?:```|~~~)/.test(line);
    if (isFence || isFenced || isTableRow(line) || /^\s*(?:$|#|<)/.test(line)) {
      flush();
      out.push(line);
      if (isFence) isFenced = !isFenced;
      continue;
    }
    if (/^\s*(?:[-*+]|\d+\.|@\w+)\s|^\s*>/.test(line)) flush();
    block.push(line);
  }
  flush();
  return out.join("\n");
}

/**
 * Wraps the comments that have a line over the width, as markdown behind their prefix.
 *
 * @param {string} text
 */
export function wrapComments(text) {
  const lines = text.split("\n").flatMap((line) => {
    const whole = /^(\s*)\/\*\*? (.*?) ?\*\/$/.exec(line);
    if (whole === null || !isTooLong(line, WIDTH)) return [line];
    const [, indent = "", comment = ""] = whole;
    return [`${indent}/**`, `${indent} * ${comment}`, `${indent} */`];
  });
  /** @type {string[]} */
  const out = [];
  let prefix = "";
  /** @type {string[]} */
  let block = [];
  const flush = () => {
    const wrapped = wrapMarkdown(block.join("\n"), WIDTH - prefix.length);
    if (block.length > 0) out.push(...wrapped.split("\n").map((line) => prefix + line));
    block = [];
  };
  for (const line of lines) {
    const own = /^\s*(?:\/\/|\*) (?=.)/.exec(line)?.[0];
    if (own !== prefix) flush();
    if (own === undefined) {
      out.push(line);
      prefix = "";
    } else {
      prefix = own;
      block.push(line.slice(own.length));
    }
  }
  flush();
  return out.join("\n");
}

/**
 * @param {string} line
 * @param {number} width
 */
function isTooLong(line, width) {
  return (
    line.length > width &&
    line
      .trim()
      .split(" ")
      .every((word) => word.length < width - 30)
  );
}

/** @param {string} line */
function isTableRow(line) {
  return /^\s*(?:> ?)?\|/.test(line);
}

/**
 * @param {readonly string[]} block
 * @param {number} width
 */
function wrapBlock(block, width) {
  const [first = "", ...others] = block;
  const lead = /^\s*(?:(?:[-*+]|\d+\.)\s+|> ?)?/.exec(first)?.[0] ?? "";
  const isTag = /^@\w+ /.test(first);
  const hang = isTag ? "  " : lead.trim() === ">" ? lead : " ".repeat(lead.length);
  const words = [first.slice(lead.length), ...others].join(" ").trim().split(/\s+/);
  /** @type {string[]} */
  const out = [];
  let line = lead + (words.shift() ?? "");
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      out.push(line);
      line = hang + word;
    } else line += ` ${word}`;
  }
  out.push(line);
  return out;
}

function main() {
  const root = join(import.meta.dirname, "..");
  const listed = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  let count = 0;
  for (const path of listed.stdout.split("\0")) {
    const kind = MARKDOWN.test(path) ? "markdown" : CODE.test(path) ? "code" : undefined;
    if (kind === undefined) continue;
    const file = join(root, path);
    let text = readFileSync(file, "utf8");
    if (process.argv.includes("--write")) {
      const wrapped = kind === "markdown" ? wrapMarkdown(text) : wrapComments(text);
      if (wrapped !== text) writeFileSync(file, wrapped);
      text = wrapped;
    }
    for (const { line, why } of problems(text, kind, { words: !EXEMPT_FROM_WORDS.has(path) })) {
      process.stdout.write(`${path}:${line}: ${why}\n`);
      count++;
    }
  }
  process.stdout.write(`prose: ${count} places to mend\n`);
  process.exitCode = count === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
