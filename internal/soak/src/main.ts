// Every client that has a driver here, and our own, through every fault: `npm run soak -- [--json] [--write] [--watch SECONDS]`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cellsOf, CLIENTS, driverPath, FAULT_IDS, faultsOf, soak, SOAK_COLUMNS, tableLine } from "@oath-ws/cli/soak";
import type { SoakRow } from "@oath-ws/cli/soak";
import { comparison } from "./comparison.js";

const DRIVERS = fileURLToPath(new URL("./drivers/", import.meta.url));
const DOCUMENT = fileURLToPath(new URL("../../../docs/comparison.md", import.meta.url));

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    watch: { type: "string", default: "30" },
  },
});
const watchMs = Number(values.watch) * 1_000;
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const peers = readdirSync(DRIVERS)
  .filter((name) => name.endsWith(".js"))
  .map((name) => DRIVERS + name);
const drivers = [...CLIENTS.map(driverPath), ...peers];
const rows: SoakRow[] = [];
if (!values.json) console.log(tableLine(SOAK_COLUMNS));
for await (const row of soak(
  drivers.flatMap((driver) => FAULT_IDS.map((fault) => ({ driver, fault, watchMs }))),
  stop.signal,
)) {
  rows.push(row);
  console.log(values.json ? JSON.stringify({ ...row, verdict: faultsOf(row) }) : tableLine(cellsOf(row)));
}
if (values.write) {
  const facts = { date: new Date().toISOString().slice(0, 10), watchMs, versions: versions() };
  // By client rather than in the order of the runs.
  const order = [...new Set(rows.map(({ client }) => client))];
  rows.sort(
    (a, b) => order.indexOf(a.client) - order.indexOf(b.client) || FAULT_IDS.indexOf(a.fault) - FAULT_IDS.indexOf(b.fault),
  );
  writeFileSync(DOCUMENT, comparison(rows, facts));
}
process.exitCode = rows.some((row) => row.client.startsWith("oath-ws") && faultsOf(row).length > 0) ? 1 : 0;

/** What is installed, of what the package files ask for. */
function versions(): string[] {
  return ["../package.json", "../ccxt/package.json"].flatMap((path) => {
    const here = fileURLToPath(new URL(path, import.meta.url));
    const { dependencies } = JSON.parse(readFileSync(here, "utf8")) as { dependencies: Record<string, string> };
    return Object.keys(dependencies)
      .filter((name) => name !== "@oath-ws/cli")
      .map((name) => `${name} ${versionOf(name, here)}`);
  });
}

/** Not every package exports its package file, so it is looked for beside the module. */
function versionOf(name: string, from: string): string {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return "(not installed)";
}
