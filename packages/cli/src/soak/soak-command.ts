import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseDuration } from "../duration.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { stopSignal } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { FAULT_IDS, isFaultId } from "./fault.js";
import type { FaultId } from "./fault.js";
import { faultsOf, OUR_CLIENTS } from "./judge.js";
import type { SoakRow } from "./row.js";
import { cellsOf, SOAK_COLUMNS, tableLine } from "./row-line.js";
import type { SoakRun } from "./run.js";
import { soak } from "./soak.js";

export const SOAK_USAGE =
  "oath-ws soak [--client NAME|FILE]... [--fault NAME]... [--watch DURATION] [--json]";

const HELP = `${SOAK_USAGE}

Drives WebSocket clients through the faults that lose feeds, on loopback, and prints a row for each
client and fault: attempts, when it noticed, when it was back, what was lost and whether it said so.
Without --client all of ours and npm ws are driven, without --fault all faults happen:
${FAULT_IDS.join(" ")}
A FILE is a module whose default export is a SoakDriver (types in @oath-ws/cli/soak), for any
client. --watch says how long a client is watched after a fault. Default 30s.

Examples:
  oath-ws soak --client oath-ws --fault half-open
  oath-ws soak --client ./my-client.mjs --fault reset --fault mute --watch 20s
  oath-ws soak --json > rows.jsonl

Exit codes: 0 every client was driven, and every row of ours is right; 1 a client could not be
driven (its FILE does not load, exports no driver, or brings no frame), a row of ours is not right,
or it was stopped before the end; 2 the command line was not understood.
`;

/** Drivers that come along, by name. */
export const CLIENTS: ReadonlyMap<string, string> = new Map(
  [...OUR_CLIENTS, "ws"].map((name) => [
    name,
    fileURLToPath(new URL(`./clients/${name}.js`, import.meta.url)),
  ]),
);

/** The options of the command, for `parseArgs`. */
export const SOAK_OPTIONS = {
  client: { type: "string", multiple: true },
  fault: { type: "string", multiple: true },
  watch: { type: "string", default: "30s" },
  json: { type: "boolean", default: false },
} as const;

/** {@link SOAK_OPTIONS}, as they were given. */
export interface SoakValues {
  readonly client?: readonly string[] | undefined;
  readonly fault?: readonly string[] | undefined;
  readonly watch: string;
  readonly json: boolean;
}

/**
 * Drives clients through the fault table and prints a row for each fault. Rejects in the end when a
 * client could not be driven, or a row of ours is not right.
 */
export async function soakCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values } = parseArgs({ args: [...args], options: SOAK_OPTIONS });
  const rows = await printSoak(values, CLIENTS);
  const failure = failureOf(rows);
  if (failure !== undefined) throw failure;
}

/**
 * Prints the rows as they come, and resolves with them.
 *
 * @param clients the drivers that can be asked for by name; all of them are driven if none is
 * @throws UsageError before anything is started; an error when it was stopped before the end
 */
export async function printSoak(
  values: SoakValues,
  clients: ReadonlyMap<string, string>,
): Promise<readonly SoakRow[]> {
  const runs = runsOf(values, clients);
  const output = new Output(process.stdout, values.json);
  const stop = stopSignal(undefined);
  const rows: SoakRow[] = [];
  try {
    await output.show(
      () => undefined,
      () => tableLine(SOAK_COLUMNS),
    );
    for await (const row of soak(runs, stop.signal)) {
      rows.push(row);
      await output.show(
        () => ({ ...row, verdict: faultsOf(row) }),
        () => tableLine(cellsOf(row)),
      );
      if (output.broken) break;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.release();
  }
  // Half a table proves nothing, and is no success.
  if (rows.length < runs.length)
    throw new Error(`stopped after ${rows.length} of ${runs.length} rows`);
  return rows;
}

/**
 * The error of a table: a client that could not be driven, or a row of ours that is not right. What
 * another client does wrong is a finding and no error.
 */
export function failureOf(rows: readonly SoakRow[]): Error | undefined {
  const undrivable = rows.filter((row) => row.kind === "unfit");
  const wrong = rows.filter((row) => OUR_CLIENTS.includes(row.name) && faultsOf(row).length > 0);
  const parts = [
    undrivable.length === 0 ? "" : `cannot be driven: ${listOf(undrivable)}`,
    wrong.length === 0 ? "" : `not right: ${listOf(wrong)}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : new Error(parts.join("; "));
}

function listOf(rows: readonly SoakRow[]): string {
  return rows.map(({ name, fault }) => `${name} with ${fault}`).join(", ");
}

function runsOf(
  { client, fault, watch }: SoakValues,
  clients: ReadonlyMap<string, string>,
): SoakRun[] {
  const watchMs = parseDuration(watch, "--watch");
  const faults = [...new Set((fault ?? FAULT_IDS).map(parseFault))];
  const names = [...new Set(client ?? clients.keys())];
  const drivers = names.map((name) => ({ name, driver: driverPath(name, clients) }));
  return drivers.flatMap((driver) => faults.map((each) => ({ ...driver, fault: each, watchMs })));
}

function driverPath(name: string, clients: ReadonlyMap<string, string>): string {
  const known = clients.get(name);
  if (known !== undefined) return known;
  const path = resolve(name);
  if (existsSync(path)) return path;
  throw new UsageError(
    `unknown client "${name}": neither a file nor one of ${[...clients.keys()].join(", ")}`,
  );
}

function parseFault(text: string): FaultId {
  if (isFaultId(text)) return text;
  throw new UsageError(`unknown fault "${text}" (known: ${FAULT_IDS.join(", ")})`);
}
