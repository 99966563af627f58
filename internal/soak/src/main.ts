// Every client that has a driver here, and our own, through every fault:
// `npm run soak -- [--write FILE]`, and the options of `oath-ws soak`.
import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CLIENTS, failureOf, printSoak, SOAK_OPTIONS } from "@oath-ws/cli/soak";
import { comparison } from "./comparison.js";
import { factsOfRun } from "./run-facts.js";

const DRIVERS = fileURLToPath(new URL("./drivers/", import.meta.url));

const peers = readdirSync(DRIVERS)
  .filter((name) => name.endsWith(".js"))
  .map((name) => [name.replace(/\.js$/, ""), DRIVERS + name] as const);

try {
  const { values } = parseArgs({ options: { ...SOAK_OPTIONS, write: { type: "string" } } });
  const facts = factsOfRun(values.watch);
  const rows = await printSoak(values, new Map([...CLIENTS, ...peers]));
  if (values.write !== undefined) writeFileSync(values.write, comparison(rows, facts));
  const failure = failureOf(rows);
  if (failure !== undefined) throw failure;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
