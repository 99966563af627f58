// The whole check of a clean clone, step by step, stopping at the first that fails. The last line
// counts the tests.
//
//   npm test what a newcomer runs npm test -- --all what continuous integration runs: also the
//   packages, the documents, the faults of the kernel, other runtimes, and longer random runs; each
//   further program counts as one
//
// With OATH_WS_SERVERS=required, as in continuous integration, what could not run has failed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outcomeOf, shortfallOf, undeclaredSkips } from "./verdict.js";

const results = mkdtempSync(join(tmpdir(), "oath-ws-test-"));
const report = join(results, "vitest.json");

/**
 * @typedef {{ readonly name: string, readonly command: string, readonly args: readonly string[],
 *   readonly counts?: boolean }} Step
 */

/** @type {readonly Step[]} */
const STEPS = [
  { name: "build", command: "tsc", args: ["-b"] },
  {
    name: "page of the dashboard",
    command: process.execPath,
    args: ["scripts/build-page.js"],
  },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: "biome", args: ["format", "."] },
  { name: "prose", command: process.execPath, args: ["scripts/prose.js"] },
  { name: "dead code", command: "knip", args: [] },
  { name: "types of the tests", command: "tsc", args: ["-p", "tsconfig.tests.json"] },
  {
    name: "tests",
    command: "vitest",
    args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  },
];

/** How far the random tests go with `--all`; what they do without is in each of them. */
const LONGER = {
  ADAPTER_CHAOS_SEEDS: "150",
  COINBASE_CHAOS_SEEDS: "8",
  FEED_SEEDS: "150",
  SOAK_SECONDS: "60",
};

/** @type {readonly Step[]} */
const MORE = [
  {
    name: "packages as a stranger gets them",
    command: process.execPath,
    args: ["internal/packages/dist/main.js"],
    counts: true,
  },
  {
    name: "documents",
    command: process.execPath,
    args: ["internal/site/dist/main.js"],
    counts: true,
  },
  {
    name: "chaos with the faults of the kernel",
    command: process.execPath,
    args: ["internal/chaos/dist/main.js", "--netns", "--seed", "4", "--faults", "150"],
    counts: true,
  },
  {
    name: "simulation, the same on two releases of Node",
    command: process.execPath,
    args: ["internal/simulate/dist/releases.js"],
    counts: true,
  },
  {
    name: "smoke on other runtimes",
    command: process.execPath,
    args: ["scripts/runtimes.js", "--smoke"],
    counts: true,
  },
];

const isAll = process.argv.includes("--all");
const isRequired = process.env["OATH_WS_SERVERS"] === "required";
const root = join(import.meta.dirname, "..");
const counts = { passed: 0, failed: 0, skipped: 0 };
let failed = false;
for (const step of isAll ? [...STEPS, ...MORE] : STEPS) {
  const started = performance.now();
  process.stdout.write(`\n== ${step.name}\n`);
  const command = step.command.includes("/")
    ? step.command
    : join(root, "node_modules", ".bin", step.command);
  const { status } = spawnSync(command, step.args, {
    cwd: root,
    stdio: "inherit",
    env: isAll ? { ...LONGER, ...process.env } : process.env,
    shell: process.platform === "win32",
  });
  const outcome = outcomeOf(step, status, isRequired);
  const word = { passed: "ok", skipped: "skipped", failed: "FAILED" }[outcome];
  process.stdout.write(
    `== ${step.name}: ${word} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
  if (step.counts === true) counts[outcome]++;
  if (outcome === "failed") {
    failed = true;
    break;
  }
}
addTests();
const shortfall = failed ? undefined : shortfallOf(counts.passed, isAll);
if (shortfall !== undefined) {
  failed = true;
  process.stdout.write(`\nFAILED: ${shortfall}\n`);
}
// What failed is no test: a step, or their number.
if (failed && counts.failed === 0) counts.failed = 1;
process.stdout.write(
  `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
);
rmSync(results, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function addTests() {
  try {
    /** @type {import("./verdict.js").Report} */
    const results = JSON.parse(readFileSync(report, "utf8"));
    const { numPassedTests, numFailedTests, numPendingTests } = results;
    const undeclared = isRequired ? undeclaredSkips(results) : [];
    for (const name of undeclared) process.stdout.write(`\nFAILED: skipped itself: ${name}\n`);
    if (undeclared.length > 0) failed = true;
    counts.passed += numPassedTests;
    counts.failed += numFailedTests;
    counts.skipped += numPendingTests;
  } catch {
    process.stdout.write("\nno test was run\n");
  }
}
