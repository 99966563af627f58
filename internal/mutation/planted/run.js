// Plants known faults, one after the other, and tells how many seeds the simulations need to find
// each: npm run test:planted [-- --only NAME,NAME] [--write]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, copySources, plant, removeCopy } from "./copy.js";
import { FAULTS } from "./faults.js";
import { search } from "./search.js";
import { table, withTable } from "./table.js";

const root = join(import.meta.dirname, "..", "..", "..");
const REPORT = join(root, "docs", "reports", "simulation.md");

const { values } = parseArgs({
  options: { only: { type: "string" }, write: { type: "boolean", default: false } },
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
try {
  for (const fault of FAULTS.filter(({ name }) => asked.includes(name))) {
    try {
      results.push({ ...fault, ...(await look(fault)) });
    } catch (error) {
      problems++;
      process.stdout.write(`${fault.name}: ${error.message}\n`);
    }
  }
} finally {
  removeCopy(copy);
}
if (values.write && problems === 0) {
  const before = existsSync(REPORT) ? readFileSync(REPORT, "utf8") : "# Simulation\n";
  writeFileSync(REPORT, withTable(before, table(results)));
}
process.exitCode = problems === 0 ? 0 : 1;

async function look(fault) {
  const takeOut = plant(copy, fault.changes);
  try {
    build(root, copy);
    const { seed, invariant, detail } = await search(copy, fault.half);
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
