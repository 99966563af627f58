// Mutation testing, one target after the other: npm run test:mutation [-- target ...]
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { TARGETS } from "./targets.js";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(TARGETS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown target ${unknown.join(", ")} (known: ${Object.keys(TARGETS).join(", ")})\n`,
  );
  process.exit(2);
}
const root = join(import.meta.dirname, "..", "..");
let failed = 0;
for (const name of asked.length > 0 ? asked : Object.keys(TARGETS)) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(
    join(root, "node_modules", ".bin", "stryker"),
    ["run", "internal/mutation/stryker.config.js"],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, MUTATION_TARGET: name },
    },
  );
  if (status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
