import { writeFileSync } from "node:fs";

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
 * @property {string} outcome passed, refused or failed
 * @property {string} said
 * @property {{ readonly passed: number, readonly skipped: number, readonly departures: number } |
 *   undefined} suite
 */

/** @param {LeafResult} result */
function cell({ outcome, suite }) {
  if (outcome === "refused") return "refused";
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

/** @param {string} path @param {readonly Result[]} results */
export function writeRuntimesPage(path, results) {
  const rows = results.map(({ name, version, leaves, tests }) => {
    const told =
      tests === undefined
        ? "not run"
        : `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`;
    return `| ${name} | ${version} | ${leaves.map(cell).join(" | ")} | ${told} |`;
  });
  const refusals = results.flatMap(({ name, leaves }) =>
    leaves
      .filter(({ outcome }) => outcome === "refused")
      .map(({ leaf, said }) => `- ${name}, ${column(leaf)}: ${said}`),
  );
  const today = new Date().toISOString().slice(0, 10);
  const columns = results[0]?.leaves.map(({ leaf }) => column(leaf)).join(" | ") ?? "";
  const refusedHead = "What is refused, by a `ConfigError` before anything is dialled:";
  const refused = refusals.length === 0 ? "" : `\n${refusedHead}\n\n${refusals.join("\n")}\n`;
  writeFileSync(
    path,
    `# Other runtimes

Written by \`npm run test:runtimes -- --write\` on ${today}; the project itself is developed
and tested on Node 20. The runtimes are packages of npm.

\`open()\` needs no option on any of them: its default, the transport \`direct\`, is right on all.
With each leaf the whole stack reads numbered trades of the simulated venue through one reconnect,
without a hole, and shuts down. In Bun and Deno the leaf then goes through the conformance suite of
\`@oath-ws/testing\` over real sockets; a *departure* is a promise that the platform's own WebSocket
does not let the web leaf keep, as its README says. On Node that suite is among the *tests*, which
are those of the packages contract, resilience, testing, node and web.

| runtime | version | ${columns} | tests |
|---|---|---|---|---|---|
${rows.join("\n")}
${refused}`,
  );
}
