// Runs the same seeds on this release of Node and on another one, which comes from the npm registry
// into a temporary folder. Their traces have to be equal. A longer batch than that of the tests.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SIMULATIONS } from "./simulations.js";

/** Seeds of each half. */
const SEEDS = 10;

/** Said by a run that the machine does not allow. */
const SKIPPED = 77;

const MAIN = join(import.meta.dirname, "main.js");
const OTHER = process.versions.node.startsWith("24.") ? "22" : "24";

/** The hash of all traces of a half; throws when a run broke an invariant. */
function hashOn(node: string, half: string): string {
  const args = [MAIN, "--only", half, "--seeds", String(SEEDS), "--quiet"];
  const { status, stdout } = spawnSync(node, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${half} on ${node}: exit code ${status}\n${stdout}`);
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return (JSON.parse(line) as { readonly traceHash: string }).traceHash;
}

const folder = mkdtempSync(join(tmpdir(), "oath-ws-releases-"));
try {
  const from = `other@npm:node-${process.platform}-${process.arch}@${OTHER}`;
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", [...args, "--prefix", folder, from], { stdio: "inherit" });
  if (status !== 0) {
    process.stdout.write(`Node ${OTHER} could not be installed\n`);
    process.exitCode = SKIPPED;
  } else {
    const other = join(folder, "node_modules", "other", "bin", "node");
    for (const half of SIMULATIONS.keys()) {
      const [here, there] = [hashOn(process.execPath, half), hashOn(other, half)];
      const isEqual = here === there;
      process.stdout.write(`${half}: ${here} on ${process.version}, ${there} on Node ${OTHER}\n`);
      if (!isEqual) process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
