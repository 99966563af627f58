import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseDuration } from "../duration.js";
import { Output } from "../output.js";
import { stopSignal } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { FAULT_IDS, isFaultId } from "./fault.js";
import type { FaultId } from "./fault.js";
import { faultsOf } from "./judge.js";
import { cellsOf, SOAK_COLUMNS, tableLine } from "./row-line.js";
import { soak } from "./soak.js";

export const SOAK_USAGE = "oath-ws soak [--client NAME|FILE]... [--fault NAME]... [--watch DURATION] [--json]";

/** Drivers that come along. */
export const CLIENTS = ["oath-ws", "oath-ws-direct", "ws"] as const;

const DEFAULT_WATCH = "30s";

/**
 * Drives clients through the fault table and prints a row for each fault. Fails in the end when a row of ours is not right; what is wrong with another
 * client is a finding and no failure.
 */
export async function soakCommand(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      client: { type: "string", multiple: true, default: [...CLIENTS] },
      fault: { type: "string", multiple: true, default: [...FAULT_IDS] },
      watch: { type: "string", default: DEFAULT_WATCH },
      json: { type: "boolean", default: false },
    },
  });
  const watchMs = parseDuration(values.watch, "--watch");
  const faults = values.fault.map(parseFault);
  const drivers = values.client.map(driverPath);
  const output = new Output(process.stdout, values.json);
  const stop = stopSignal(undefined);
  let wrong = 0;
  const runs = drivers.flatMap((driver) => faults.map((fault) => ({ driver, fault, watchMs })));
  try {
    await output.show(
      () => undefined,
      () => tableLine(SOAK_COLUMNS),
    );
    for await (const row of soak(runs, stop.signal)) {
      await output.show(
        () => ({ ...row, verdict: faultsOf(row) }),
        () => tableLine(cellsOf(row)),
      );
      if (row.client.startsWith("oath-ws") && (faultsOf(row).length > 0 || row.unfit !== undefined)) wrong++;
    }
    if (wrong > 0) throw new Error(`${wrong} of our own rows are not right`);
  } catch (error) {
    // Ctrl-C is no failure.
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.release();
  }
}

/** The module of a client: one of {@link CLIENTS}, or a file. */
export function driverPath(client: string): string {
  if ((CLIENTS as readonly string[]).includes(client)) return fileURLToPath(new URL(`./clients/${client}.js`, import.meta.url));
  const path = resolve(client);
  if (!existsSync(path)) throw new UsageError(`unknown client "${client}": neither a file nor one of ${CLIENTS.join(", ")}`);
  return path;
}

function parseFault(text: string): FaultId {
  if (isFaultId(text)) return text;
  throw new UsageError(`unknown fault "${text}" (known: ${FAULT_IDS.join(", ")})`);
}
