import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.js";
import type { ClientApi } from "./client/serve.js";
import { NotAvailable } from "./errors.js";
import type { FeederApi } from "./feeder/serve.js";
import { busyShare, describeMachine, describeSource } from "./machine.js";
import { absentOf, measurePairs, resultsOf } from "./measure.js";
import type { StartPair } from "./measure.js";
import type { Client, Row, RowResult, Run, Work } from "./model.js";
import { EFFORT } from "./work.js";
import type { Effort, Feeder, Side } from "./work.js";

/** How much is measured, and with what. */
export interface Plan {
  readonly rows: readonly Row[];
  /** The executable of Node whose figures these are. */
  readonly node: string;
  /** The executable of Bun. Its rows are not measured where it cannot run. */
  readonly bun: string;
  /** About a minute instead of several: says that everything works, and little about speed. */
  readonly quick: boolean;
  /** Rounds that count, instead of the usual number. */
  readonly rounds: number | undefined;
  /** The program of child processes. Default: this command. */
  readonly program?: string;
}

/** Fewer rounds than this are a short run. */
const FULL_ROUNDS = 5;

/** Measures the rows under one Node. A row that fails is in the result; a lost feeder throws. */
export async function runBench(plan: Plan, note: (text: string) => void): Promise<Run> {
  const startedAt = performance.now();
  const busyBefore = await busyShare();
  const node = versionOf(plan.node);
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-bench-"));
  const identity = makeIdentity(folder);
  const env = {
    // As servers run: checks that are for development only are off, on both sides.
    NODE_ENV: "production",
    // A store of authorities that every runtime reads: no client is configured for the benchmark.
    ...(identity === undefined ? {} : { NODE_EXTRA_CA_CERTS: identity }),
  };
  const feeder = new Child<FeederApi>({
    role: "feeder",
    command: [process.execPath],
    args: identity === undefined ? [] : [identity],
    env: {},
    program: plan.program,
  });
  const rows: RowResult[] = [];
  try {
    const { ws, wss } = await feeder.call("urls", null);
    const bench = new Bench(plan, { child: feeder, ws, wss }, env);
    for (const same of measuredTogether(plan.rows)) {
      note(same.map(({ id }) => id).join(", "));
      rows.push(...(await bench.measure(same)));
    }
  } finally {
    await feeder.end();
    rmSync(folder, { recursive: true, force: true });
  }
  const tookS = Math.round((performance.now() - startedAt) / 1e3);
  const order = new Map(plan.rows.map(({ id }, at) => [id, at]));
  return {
    format: 1,
    ...describeSource(),
    node,
    machine: { ...describeMachine(), othersBusy: Math.max(busyBefore, await busyShare()) },
    short: plan.quick || (plan.rounds !== undefined && plan.rounds < FULL_ROUNDS),
    tookS,
    rows: rows.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0)),
  };
}

/** Rows that are about other figures of the same rounds. */
function measuredTogether(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.subject, row.base, row.work, row.baseWork, row.runtime]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

class Bench {
  readonly #plan: Plan;
  readonly #feeder: Feeder;
  readonly #env: Readonly<Record<string, string>>;
  #sides = 0;

  constructor(plan: Plan, feeder: Feeder, env: Readonly<Record<string, string>>) {
    this.#plan = plan;
    this.#feeder = feeder;
    this.#env = env;
  }

  async measure(rows: readonly Row[]): Promise<RowResult[]> {
    const [row] = rows;
    if (row === undefined) return [];
    try {
      const command = row.runtime === "bun" ? this.#bunCommand() : this.#nodeCommand();
      const start: StartPair = () => ({
        base: this.#side(row.base, row.baseWork ?? row.work, this.#nodeCommand()),
        subject: this.#side(row.subject, row.work, command),
      });
      const pairs = await measurePairs(this.#effort(row.work.kind), start, this.#feeder);
      return resultsOf(rows, pairs);
    } catch (error) {
      return absentOf(rows, error);
    }
  }

  #nodeCommand(): readonly string[] {
    return [this.#plan.node, "--expose-gc"];
  }

  #bunCommand(): readonly string[] {
    const { bun } = this.#plan;
    if (spawnSync(bun, ["--version"]).status !== 0)
      throw new NotAvailable("there is no bun on the search path");
    return [bun];
  }

  #side(client: Client, work: Work, command: readonly string[]): Side {
    const child = new Child<ClientApi>({
      role: "client",
      command,
      args: [JSON.stringify(client)],
      env: this.#env,
      program: this.#plan.program,
    });
    return { client, child, work, path: `/${++this.#sides}` };
  }

  #effort(kind: Work["kind"]): Effort {
    const usual = EFFORT[kind];
    const { quick, rounds } = this.#plan;
    const effort = quick
      ? {
          processes: 1,
          warmUps: Math.min(1, usual.warmUps),
          rounds: Math.min(3, usual.rounds),
          roundMs: usual.roundMs / 3,
        }
      : usual;
    if (rounds === undefined) return effort;
    // One round each, where a process cannot do a second.
    return usual.rounds === 1 ? { ...effort, processes: rounds } : { ...effort, rounds };
  }
}

function versionOf(node: string): string {
  const { status, stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`there is no Node to run at ${node}`);
  return stdout.trim();
}

/** A certificate and its key in one PEM file, or none where `openssl` is missing. */
function makeIdentity(folder: string): string | undefined {
  const path = join(folder, "identity.pem");
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 " +
    "-addext subjectAltName=IP:127.0.0.1 -keyout -";
  const { status, stdout } = spawnSync("openssl", args.split(" "), { encoding: "utf8" });
  if (status !== 0) return undefined;
  writeFileSync(path, stdout, { mode: 0o600 });
  return path;
}
