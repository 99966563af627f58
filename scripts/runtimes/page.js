import { readFileSync, writeFileSync } from "node:fs";

/**
 * What came out on one runtime.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {string} version
 * @property {readonly LeafResult[]} leaves
 * @property {{ readonly passed: number, readonly failed: number, readonly skipped: number, readonly
 *   ok: boolean } | undefined} tests
 * @property {boolean} ok
 *
 * @typedef {object} LeafResult
 * @property {string} leaf
 * @property {string} outcome passed, refused, failed, or untried where it makes no sense
 * @property {string} said
 * @property {{ readonly passed: number, readonly skipped: number, readonly departures: number } |
 *   undefined} suite
 */

/** @param {LeafResult} result */
function cell({ outcome, suite }) {
  if (outcome === "refused" || outcome === "untried") return outcome;
  const cases =
    suite === undefined
      ? ""
      : `, ${suite.passed} cases, ${suite.departures} departures, ${suite.skipped} skipped`;
  return `${outcome === "passed" ? "yes" : "**failed**"}${cases}`;
}

/** @param {string} leaf */
function column(leaf) {
  return leaf === "web" ? "`@oath-ws/web`" : `transport \`${leaf}\``;
}

/** The order of the rows. */
const NAMES = ["node22", "node24", "node26", "bun", "deno", "workerd"];

/**
 * Writes what came out. What the page says of runtimes that were not run stays.
 *
 * @param {string} path @param {readonly Result[]} results
 */
export function writeRuntimesPage(path, results) {
  const today = new Date().toISOString().slice(0, 10);
  const rows = named(path, /^\| (\w+) \| \d.*\|$/gm);
  const refusals = named(path, /^- ([a-z]+\d*), [^]*?(?=\n(?:[-\n]|$))/gm);
  for (const { name, version, leaves, tests } of results) {
    const told =
      tests === undefined
        ? "not run"
        : `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`;
    const cells = [name, version, today, ...leaves.map(cell), told];
    rows.set(name, `| ${cells.join(" | ")} |`);
    const refused = leaves.filter(({ outcome }) => outcome === "refused");
    refusals.delete(name);
    if (refused.length > 0)
      refusals.set(
        name,
        refused.map(({ leaf, said }) => `- ${name}, ${column(leaf)}: ${said}`).join("\n"),
      );
  }
  const inOrder = (/** @type {ReadonlyMap<string, string>} */ lines) =>
    NAMES.flatMap((name) => lines.get(name) ?? []).join("\n");
  const head = "What is refused, by a `ConfigError` before anything is dialled:";
  const refused = refusals.size === 0 ? "" : `\n${head}\n\n${inOrder(refusals)}\n`;
  const columns = ["ws", "direct", "web"].map(column).join(" | ");
  writeFileSync(path, page(columns, inOrder(rows), refused));
}

/**
 * The parts of the page that begin with the name of a runtime.
 *
 * @param {string} path @param {RegExp} pattern @returns {Map<string, string>}
 */
function named(path, pattern) {
  /** @type {Map<string, string>} */
  const parts = new Map();
  for (const [part, name = ""] of readFileSync(path, "utf8").matchAll(pattern))
    parts.set(name, [...(parts.has(name) ? [parts.get(name)] : []), part.trimEnd()].join("\n"));
  return parts;
}

/** @param {string} columns @param {string} rows @param {string} refused */
function page(columns, rows, refused) {
  return `# Other runtimes

Written by \`npm run test:runtimes -- --write\` on the day that each row names; the project is
developed and tested on Node 20. The runtimes are packages of npm.

\`open()\` needs no option on any of them but workerd: its default, the transport \`direct\`, is
right on all. With each leaf the whole stack reads numbered trades of the simulated venue through
one reconnect, without a hole, and shuts down. In Bun, Deno and workerd the leaf then goes through
the conformance suite of \`@oath-ws/testing\` over real sockets; a *departure* is a promise that
the platform's own WebSocket does not let the web leaf keep, as its README says. On Node that suite
is among the *tests*, which are those of the packages contract, resilience, testing, node and web.

| runtime | version | on | ${columns} | tests |
|---|---|---|---|---|---|---|
${rows}
${refused}
## What workerd cannot do

- The transports \`ws\` and \`direct\` need the sockets of Node, and are not tried there.
- Its WebSocket has no hard end, as those of browsers: \`destroy()\` sends a close frame. Its
  constructor refuses \`{ protocols, headers }\`. It tells \`protocol\` as \`null\` where others
  have an empty text; the leaf makes that \`""\`.
- It has no \`navigator.onLine\` and no page, so an outage is seen by silence and failed attempts.
- A worker lives for its events: the platform decides how long a connection may outlive the request
  that opened it. The run here opens, reads and shuts down within one request, and the drop-in
  \`ReconnectingWebSocket\` goes through one reconnect in the same way.
`;
}
