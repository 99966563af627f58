// The whole check of a clean clone, step by step, stopping at the first that fails. The last line counts the tests.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const results = mkdtempSync(join(tmpdir(), "oath-ws-test-"));
const report = join(results, "vitest.json");

/** @type {readonly { name: string, command: string, args: readonly string[] }[]} */
const STEPS = [
  { name: "build", command: "tsc", args: ["-b"] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: "biome", args: ["format", "."] },
  { name: "dead code", command: "knip", args: [] },
  { name: "types of the tests", command: "tsc", args: ["-p", "tsconfig.tests.json"] },
  { name: "tests", command: "vitest", args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`] },
];

const bin = join(import.meta.dirname, "..", "node_modules", ".bin");
let failed = false;
for (const { name, command, args } of STEPS) {
  const started = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(join(bin, command), args, { stdio: "inherit", shell: process.platform === "win32" });
  process.stdout.write(
    `== ${name}: ${status === 0 ? "ok" : "FAILED"} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
  if (status !== 0) {
    failed = true;
    break;
  }
}
process.stdout.write(`\n${countLine()}\n`);
rmSync(results, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function countLine() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    return `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  } catch {
    return "no test was run";
  }
}
