// The stack on other runtimes, which come from the npm registry into a temporary folder.
//
// - `npm run test:runtimes`: the tests of the stack on other releases of Node; in Bun, Deno and
//   workerd the conformance suite of each leaf
// - `npm run test:runtimes -- node22 deno`: some of the runtimes
// - `npm run test:runtimes -- --smoke`: without the tests
// - `npm run test:runtimes -- --write`: puts the results into docs/reports/runtimes.md, beside
//   those of the runtimes that were not run
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBinanceSim } from "@oath-ws/sim";
import { writeRuntimesPage } from "./runtimes/page.js";
import { checkWorkerd } from "./runtimes/workerd.js";

const ROOT = join(import.meta.dirname, "..");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const SMOKE = join(import.meta.dirname, "runtimes", "leaf-smoke.mjs");
const PLATFORM = `${process.platform}-${process.arch}`;
const CONFORMANCE = join(import.meta.dirname, "runtimes", "conformance.mjs");
/**
 * What a release of Node is told to run: the stack itself. The simulators and venues above it use
 * nothing of Node that this does not.
 */
const STACK = ["contract", "resilience", "testing", "node", "web"].map(
  (name) => `packages/${name}/`,
);
const SMOKE_MS = 60_000;
const SUITE_MS = 300_000;

/**
 * @typedef {object} Runtime
 * @property {string} from what npm installs
 * @property {(folder: string) => readonly string[]} command
 * @property {boolean} vitest whether it runs the tests
 * @property {readonly string[] | undefined} typescript flags with which it takes TypeScript as it
 *   is, for the conformance suite; on Node it is among the tests
 * @property {readonly string[]} departures cases of that suite in which the platform's own
 *   WebSocket departs from it, as the web leaf's README tells
 */

/** @type {Readonly<Record<string, Runtime>>} */
const RUNTIMES = {
  node22: {
    from: `n22@npm:node-${PLATFORM}@22`,
    command: (folder) => [join(folder, "n22", "bin", "node")],
    vitest: true,
    typescript: undefined,
    departures: [],
  },
  node24: {
    from: `n24@npm:node-${PLATFORM}@24`,
    command: (folder) => [join(folder, "n24", "bin", "node")],
    vitest: true,
    typescript: undefined,
    departures: [],
  },
  node26: {
    from: `n26@npm:node-${PLATFORM}@26`,
    command: (folder) => [join(folder, "n26", "bin", "node")],
    vitest: true,
    typescript: undefined,
    departures: [],
  },
  bun: {
    from: "bun",
    command: (folder) => [binary(join(folder, "@oven"), "bun"), "run"],
    vitest: false,
    typescript: [],
    departures: ["closing: what the peer sends before it answers close() is still delivered"],
  },
  deno: {
    from: "deno",
    command: (folder) => [binary(join(folder, "@deno"), "deno"), "run", "--allow-all"],
    vitest: false,
    typescript: ["--unstable-sloppy-imports", "--no-check"],
    departures: [
      "ending: destroy() drops the socket without a close frame, and the connection ends",
    ],
  },
  workerd: {
    from: "workerd",
    command: (folder) => [binary(join(folder, "@cloudflare"), "workerd")],
    vitest: false,
    typescript: undefined,
    departures: [
      "ending: destroy() drops the socket without a close frame, and the connection ends",
    ],
  },
};
const LEAVES = ["ws", "direct", "web"];

const asked = process.argv.slice(2);
const flags = new Set(asked.filter((word) => word.startsWith("--")));
const names = asked.filter((word) => !word.startsWith("--"));
const unknown = asked.filter(
  (word) => !Object.hasOwn(RUNTIMES, word) && word !== "--smoke" && word !== "--write",
);
if (unknown.length > 0) {
  const known = [...Object.keys(RUNTIMES), "--smoke", "--write"].join(", ");
  process.stderr.write(`unknown argument ${unknown.join(", ")} (known: ${known})\n`);
  process.exit(2);
}
const chosen = Object.entries(RUNTIMES).filter(
  ([name]) => names.length === 0 || names.includes(name),
);
const folder = mkdtempSync(join(tmpdir(), "oath-ws-runtimes-"));
/** @type {import("./runtimes/page.js").Result[]} */
const results = [];
try {
  const install = [
    "install",
    "--no-save",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefix",
    folder,
  ];
  const packages = chosen.map(([, { from }]) => from);
  if (spawnSync("npm", [...install, ...packages], { stdio: "inherit" }).status !== 0) {
    throw new Error("the runtimes could not be installed");
  }
  for (const [name, runtime] of chosen)
    results.push(await (name === "workerd" ? checkWorker(runtime) : check(name, runtime)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (flags.has("--write")) writeRuntimesPage(join(ROOT, "docs/reports/runtimes.md"), results);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** @param {string} name @param {Runtime} runtime */
async function check(name, runtime) {
  process.stdout.write(`\n== ${name}\n`);
  const command = runtime.command(join(folder, "node_modules"));
  const [program = name] = command;
  const version =
    /\d+\.\d+\.\d+/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout)?.[0] ??
    "unknown";
  const leaves = [];
  for (const leaf of LEAVES) {
    const { outcome, said } = await smoke(command, leaf);
    const { typescript } = runtime;
    const conforms = outcome === "passed" && typescript !== undefined;
    const suite = conforms
      ? conformance([...command, ...typescript], leaf, runtime.departures)
      : undefined;
    leaves.push({ leaf, said, outcome: suite?.ok === false ? "failed" : outcome, suite });
  }
  const tests = runtime.vitest && !flags.has("--smoke") ? runTests(program) : undefined;
  const ok = leaves.every(({ outcome }) => outcome !== "failed") && (tests?.ok ?? true);
  process.stdout.write(`== ${name} ${version}: ${ok ? "ok" : "FAILED"}\n`);
  return { name, version, leaves, tests, ok };
}

/**
 * workerd runs no command but a server, so the worker is asked over HTTP. It has no sockets of
 * Node.
 *
 * @param {Runtime} runtime @returns {Promise<import("./runtimes/page.js").Result>}
 */
async function checkWorker({ command, departures }) {
  process.stdout.write("\n== workerd\n");
  const [program = "workerd"] = command(join(folder, "node_modules"));
  const sim = await startBinanceSim({ market: { stepMs: 10 } });
  try {
    const trades = `${sim.url}/ws/btcusdt@trade`;
    const { version, suite, ok } = await checkWorkerd(program, folder, trades, departures);
    process.stdout.write(`== workerd ${version}: ${ok ? "ok" : "FAILED"}\n`);
    const untried = { said: "", outcome: "untried", suite: undefined };
    const leaves = [
      { leaf: "ws", ...untried },
      { leaf: "direct", ...untried },
      { leaf: "web", said: "", outcome: ok ? "passed" : "failed", suite },
    ];
    return { name: "workerd", version, leaves, tests: undefined, ok };
  } finally {
    await sim.close();
  }
}

/**
 * The conformance suite in a process of that runtime. A departure of the web leaf that is known
 * must show, so that the page is not out of date.
 *
 * @param {readonly string[]} command @param {string} leaf @param {readonly string[]} departures
 */
function conformance(command, leaf, departures) {
  const [program = "", ...args] = command;
  const { stdout, stderr } = spawnSync(program, [...args, CONFORMANCE, leaf], {
    encoding: "utf8",
    timeout: SUITE_MS,
  });
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  process.stdout.write(`${line}\n`);
  if (!line.startsWith("{")) {
    process.stdout.write(stderr);
    return { passed: 0, skipped: 0, departures: 0, ok: false };
  }
  /**
   * @type {{ readonly passed: number, readonly skipped: number, readonly failed: readonly string[]
   *   }}
   */
  const { passed, skipped, failed } = JSON.parse(line);
  const expected = leaf === "web" ? departures : [];
  const ok =
    failed.length === expected.length &&
    expected.every((name) => failed.some((text) => text.startsWith(name)));
  return { passed, skipped, departures: failed.length, ok };
}

/** @param {string} node */
function runTests(node) {
  const report = join(folder, "tests.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // Fuzzing counts cases and not time; on a busy machine it may take more than a test usually does.
  const { status } = spawnSync(
    node,
    [VITEST, "run", ...STACK, "--testTimeout=180000", ...reporters],
    {
      stdio: "inherit",
      cwd: ROOT,
    },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests,
      ok: status === 0,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0, ok: false };
  }
}

/**
 * @param {readonly string[]} command @param {string} leaf
 * @returns {Promise<{ outcome: "passed" | "refused" | "failed", said: string }>}
 */
async function smoke(command, leaf) {
  const [program = "", ...args] = command;
  const sim = await startBinanceSim({ market: { stepMs: 10 } });
  try {
    const child = spawn(program, [...args, SMOKE, leaf, `${sim.url}/ws/btcusdt@trade`], {
      timeout: SMOKE_MS,
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (/** @type {Buffer} */ chunk) => (said += chunk.toString()));
    const code = await new Promise((resolve) => {
      child.on("error", (error) => resolve(String(error)));
      child.on("close", resolve);
    });
    process.stdout.write(`${leaf}: ${said.trimEnd()}\n`);
    if (code !== 0) return { outcome: "failed", said };
    const { refused } = JSON.parse(said.trimEnd().split("\n").at(-1) ?? "{}");
    return refused === undefined
      ? { outcome: "passed", said }
      : { outcome: "refused", said: refused };
  } finally {
    await sim.close();
  }
}

/** @param {string} parent @param {string} name @returns {string} */
function binary(parent, name) {
  const found = readdirSync(parent, { recursive: true, encoding: "utf8" }).find((file) =>
    file.endsWith(`/${name}`),
  );
  return join(parent, found ?? name);
}
