import { parseArgs } from "node:util";
import { LEAF_CHOICES } from "./leaf-choice.js";
import type { LeafChoice } from "./leaf-choice.js";

export const USAGE: string = `usage: npm run chaos -- [options]

  --seed n           decides the faults; default: a new one each time, which is printed
  --faults n         how many; default 1000, about a minute
  --leaf name        ws, direct, or both (default): then the seed decides for each pair
  --shrink-runs n    runs to spend on a shorter trace after a failure; default 40
  --netns            in a network namespace of its own, where packets are lost as well;
                     needs root, ip and iptables
  --json             one JSON object
  --help
`;

/** What the command line says. */
export interface Options {
  readonly seed: number;
  readonly faults: number;
  readonly leaf: LeafChoice;
  readonly shrinkRuns: number;
  readonly netns: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error with one line that says which argument is wrong */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: "string" },
      faults: { type: "string" },
      leaf: { type: "string", default: "both" },
      "shrink-runs": { type: "string" },
      netns: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    seed: whole("--seed", values.seed, 0) ?? Math.floor(Math.random() * 2 ** 32),
    faults: whole("--faults", values.faults, 1) ?? 1_000,
    leaf: leafChoice(values.leaf),
    shrinkRuns: whole("--shrink-runs", values["shrink-runs"], 0) ?? 40,
    netns: values.netns,
    json: values.json,
    help: values.help,
  };
}

function leafChoice(text: string): LeafChoice {
  const choice = LEAF_CHOICES.find((each) => each === text);
  if (choice === undefined)
    throw new Error(`--leaf takes ${LEAF_CHOICES.join(", ")}, not ${JSON.stringify(text)}`);
  return choice;
}

function whole(flag: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw new Error(`${flag} takes a whole number from ${min}, not ${JSON.stringify(text)}`);
  }
  return value;
}
