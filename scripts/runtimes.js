// Runs the tests on other releases of Node, and the web leaf in Bun and Deno. The runtimes come from the npm registry, into a temporary folder.
//
//   npm run test:runtimes                  all of them
//   npm run test:runtimes -- node22 deno   some
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBinanceSim } from "@oath-ws/sim";

const ROOT = join(import.meta.dirname, "..");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const SMOKE = join(import.meta.dirname, "runtimes", "web-smoke.mjs");
const PLATFORM = `${process.platform}-${process.arch}`;

/** @type {Readonly<Record<string, { readonly from: string, readonly run: (folder: string) => Promise<number> }>>} */
const RUNTIMES = {
  node22: { from: `n22@npm:node-${PLATFORM}@22`, run: (folder) => tests(join(folder, "n22", "bin", "node")) },
  node24: { from: `n24@npm:node-${PLATFORM}@24`, run: (folder) => tests(join(folder, "n24", "bin", "node")) },
  bun: { from: "bun", run: (folder) => smoke(binary(join(folder, "@oven"), "bun"), ["run"]) },
  deno: { from: "deno", run: (folder) => smoke(binary(join(folder, "@deno"), "deno"), ["run", "--allow-net", "--allow-read"]) },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(RUNTIMES, name));
if (unknown.length > 0) {
  process.stderr.write(`unknown runtime ${unknown.join(", ")} (known: ${Object.keys(RUNTIMES).join(", ")})\n`);
  process.exit(2);
}
const chosen = Object.entries(RUNTIMES).filter(([name]) => asked.length === 0 || asked.includes(name));
const folder = mkdtempSync(join(tmpdir(), "oath-ws-runtimes-"));
let failed = 0;
try {
  const install = ["install", "--no-save", "--ignore-scripts", "--prefix", folder, ...chosen.map(([, { from }]) => from)];
  if (spawnSync("npm", install, { stdio: "inherit" }).status !== 0) throw new Error("the runtimes could not be installed");
  for (const [name, { run }] of chosen) {
    process.stdout.write(`\n== ${name}\n`);
    const status = await run(join(folder, "node_modules"));
    if (status !== 0) failed++;
    process.stdout.write(`== ${name}: ${status === 0 ? "ok" : "FAILED"}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} node @returns {Promise<number>} */
async function tests(node) {
  spawnSync(node, ["--version"], { stdio: "inherit" });
  const run = spawnSync(node, [VITEST, "run", "--exclude", "**/soak.test.ts"], { stdio: "inherit", cwd: ROOT });
  return run.status ?? 1;
}

/** @param {string} command @param {readonly string[]} args @returns {Promise<number>} */
async function smoke(command, args) {
  spawnSync(command, ["--version"], { stdio: "inherit" });
  const sim = await startBinanceSim({ market: { stepMs: 10 } });
  try {
    const child = spawn(command, [...args, SMOKE, `${sim.url}/ws/btcusdt@trade`], { stdio: "inherit", timeout: 60_000 });
    return await new Promise((resolve) => {
      child.on("error", () => resolve(1));
      child.on("exit", (code) => resolve(code ?? 1));
    });
  } finally {
    await sim.close();
  }
}

/** @param {string} parent @param {string} name @returns {string} */
function binary(parent, name) {
  const found = readdirSync(parent, { recursive: true, encoding: "utf8" }).find((file) => file.endsWith(`/${name}`));
  return join(parent, found ?? name);
}
