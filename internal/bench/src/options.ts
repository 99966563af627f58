import { parseArgs } from "node:util";

export const USAGE: string = `usage: npm run bench -- [options]

  --node N|PATH   measure under this Node: a major version, which npm installs into a temporary
                  folder, or an executable; may be repeated; default: the one that runs the command
  --bun           install Bun in the same way; default: the one on the search path, if any
  --only a,b      rows by id, or by how an id begins
  --rounds n      rounds of each pair of processes that count, 1 to 100
  --quick         about a minute and a half: does every row still work
  --write         keep the runs as JSON, and write the report, its plots and the README's table
  --report        measure nothing: write those again from the runs that are kept
  --history       measure nothing: print how the headline rows developed
  --help
`;

/** What the command line says. */
export interface Options {
  readonly nodes: readonly string[];
  readonly bun: boolean;
  readonly only: readonly string[] | undefined;
  readonly rounds: number | undefined;
  readonly quick: boolean;
  readonly task: "measure" | "measure and write" | "report" | "history" | "help";
}

/** @throws Error with one line that says which argument is wrong */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      node: { type: "string", multiple: true },
      bun: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      history: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.write && values.only !== undefined)
    throw new Error("--write needs every row: leave out --only");
  return {
    nodes: values.node ?? [process.execPath],
    bun: values.bun,
    only: values.only?.split(","),
    rounds: values.rounds === undefined ? undefined : roundsOf(values.rounds),
    quick: values.quick,
    task: taskOf(values),
  };
}

function taskOf({
  help,
  history,
  report,
  write,
}: Readonly<Record<"help" | "history" | "report" | "write", boolean>>): Options["task"] {
  if (help) return "help";
  if (history) return "history";
  if (report) return "report";
  return write ? "measure and write" : "measure";
}

function roundsOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 100)
    throw new Error(`--rounds takes a whole number from 1 to 100, not ${JSON.stringify(text)}`);
  return value;
}
