// Plants known faults, one after the other, and tells how many seeds the simulations need to find
// each: npm run test:planted [-- --only NAME,NAME] [--seeds N]
// [--write] [--check]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, copySources, plant, removeCopy } from "./copy.js";
import { FAULTS } from "./faults.js";
import { BOUNDS, search } from "./search.js";
import { withTable } from "./table.js";

const root = join(import.meta.dirname, "..", "..", "..");
const REPORT = join(root, "docs", "reports", "simulation.md");

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string" },
    write: { type: "boolean", default: false },
    // Looks only whether every fault can still be planted.
    check: { type: "boolean", default: false },
  },
});
const asked = values.only?.split(",") ?? FAULTS.map(({ name }) => name);
const unknown = asked.filter((name) => FAULTS.every((fault) => fault.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown fault ${unknown.join(", ")} (known: ${FAULTS.map(({ name }) => name).join(", ")})\n`,
  );
  process.exit(2);
}

const results = [];
let problems = 0;
const copy = copySources(root);
process.on("exit", () => removeCopy(copy));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
for (const fault of FAULTS.filter(({ name }) => asked.includes(name))) {
  try {
    results.push({ ...fault, ...(await look(fault)) });
  } catch (error) {
    problems++;
    process.stdout.write(`${fault.name}: ${error.message}\n`);
  }
}
if (values.write && !values.check) {
  const before = existsSync(REPORT) ? readFileSync(REPORT, "utf8") : "# Simulation\n";
  writeFileSync(REPORT, withTable(before, FAULTS, results));
}
process.exitCode = problems === 0 ? 0 : 1;

async function look(fault) {
  const takeOut = plant(copy, fault.changes);
  try {
    if (values.check) return {};
    build(root, copy);
    const seeds = values.seeds === undefined ? BOUNDS[fault.half] : Number(values.seeds);
    const { seed, invariant, detail } = await search(copy, fault.half, seeds);
    const isFound = invariant !== undefined;
    const how = isFound ? `seed ${seed}: ${invariant} (${detail})` : `not found in ${seed} seeds`;
    process.stdout.write(`${fault.name}, ${fault.half}: ${how}\n`);
    if (isFound === (fault.unfound !== undefined)) {
      problems++;
      process.stdout.write(
        isFound ? "  it is listed as one that is not found\n" : "  it is a blind spot\n",
      );
    }
    return { seed, invariant };
  } finally {
    takeOut();
  }
}
