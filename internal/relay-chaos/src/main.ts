import { parseArgs } from "node:util";
import { bench } from "./bench/bench.js";
import { NatsServer } from "./nats-server.js";
import { ROWS } from "./rows.js";
import { runRow } from "./run.js";
import type { RowResult } from "./run.js";

const USAGE = `usage: npm run relay-chaos -- [--seed n] [--only text] [--json]
       npm run relay-chaos -- --bench [--json]

  --seed n     decides the simulated market; default: a new one each time, which is printed
  --only text  only faults whose name contains it
  --bench      measures the relay against bare NATS instead
  --json       one JSON object a line; the last one has the sums and a row for each fault
`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string", default: "" },
    bench: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function rowText(row: RowResult): string {
  const { fault, delivered, declared, unaccounted, repeated, outOfOrder, error } = row;
  const counts = `unaccounted ${unaccounted}, repeated ${repeated}, out of order ${outOfOrder}`;
  const all = `delivered ${delivered}, declared ${declared}, ${counts}`;
  return `${fault}: ${error ?? all} ${JSON.stringify(row.remarks)}`;
}

async function faults(): Promise<number> {
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const rows: RowResult[] = [];
  for (const row of ROWS.filter(({ fault }) => fault.includes(values.only))) {
    const result = await runRow(row, seed);
    rows.push(result);
    if (!values.json) print(rowText(result));
  }
  const sum = (of: (row: RowResult) => number): number => rows.reduce((so, row) => so + of(row), 0);
  const unaccounted = sum((row) => row.unaccounted);
  const repeated = sum((row) => row.repeated);
  const outOfOrder = sum((row) => row.outOfOrder);
  const failed = rows.filter(({ error }) => error !== undefined).length;
  print(JSON.stringify({ seed, unaccounted, repeated, outOfOrder, failed, rows }));
  return unaccounted + repeated + outOfOrder + failed === 0 ? 0 : 1;
}

if (values.help) print(USAGE);
else if (!NatsServer.isInstalled) {
  process.stderr.write("nats-server is missing: apt-get install nats-server\n");
  process.exitCode = 2;
} else if (values.bench) print(JSON.stringify(await bench(values.json ? () => undefined : print)));
else process.exitCode = await faults();
