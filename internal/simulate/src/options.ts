import { parseArgs } from "node:util";
import { HALVES } from "./core/plan.js";
import type { Half } from "./core/plan.js";
import { SIMULATIONS } from "./simulations.js";

/** What the command was asked for. */
export interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly halves: readonly Half[];
  readonly without: readonly string[];
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly shrinks: boolean;
  readonly threads: number | undefined;
}

export const USAGE: string = `npm run simulate -- [--seeds N] [--from S]
                   [--only ${HALVES.join("|")}]
                   [--without KIND,KIND] [--threads N] [--quiet] [--no-shrink] [--json]

  --seeds N       seeds of each half; default 100
  --from S        the first seed; default 1
  --only HALF     one half; default: all
  --without KINDS kinds of faults that the generator leaves out
  --threads N     default: one for each core
  --quiet         neither the lists of situations nor shrunk plans
  --no-shrink     tells broken invariants without looking for shorter plans
  --json          ends with one line of JSON

It exits with 1 when an invariant was broken.
`;

/** Throws an Error whose message says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "100" },
      from: { type: "string", default: "1" },
      only: { type: "string" },
      without: { type: "string", default: "" },
      threads: { type: "string" },
      json: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      "no-shrink": { type: "boolean", default: false },
    },
  });
  const halves = values.only === undefined ? [...SIMULATIONS.keys()] : [halfOf(values.only)];
  const without = values.without.split(",").filter((kind) => kind !== "");
  const known = halves.flatMap((half) => SIMULATIONS.get(half)?.faults ?? []);
  const unknown = without.filter((kind) => !known.includes(kind));
  if (unknown.length > 0) throw new Error(`no generator has faults of kind ${unknown.join(", ")}`);
  return {
    seeds: whole("--seeds", values.seeds, 1),
    from: whole("--from", values.from, 0),
    halves,
    without,
    isJson: values.json,
    isQuiet: values.quiet,
    shrinks: !values["no-shrink"],
    threads: values.threads === undefined ? undefined : whole("--threads", values.threads, 1),
  };
}

function halfOf(name: string): Half {
  const half = [...SIMULATIONS.keys()].find((known) => known === name);
  if (half === undefined)
    throw new Error(`--only is one of ${[...SIMULATIONS.keys()].join(", ")}, not ${name}`);
  return half;
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`${option} is a whole number of at least ${least}, not ${text}`);
  return number;
}
