import { parseArgs } from "node:util";
import { MIN_PAYLOAD_BYTES } from "./payload.js";
import type { Choice, Part } from "./plan.js";
import { PARTS } from "./plan.js";
import type { ReceiveRow } from "./rows.js";
import { RECEIVE_ROWS } from "./rows.js";

export const USAGE: string = `usage: npm run bench -- [options]

  --json             print one JSON object, with every repeat, instead of tables
  --write            write docs/performance.md and its plots too
  --from run.json    measure nothing, report what an earlier --json printed
  --quick            a short smoke run, under a minute
  --parts a,b        of ${PARTS.join(", ")}
  --rows a,b         receive rows, of ${RECEIVE_ROWS.join(", ")}; ws is always there
  --sizes 150,1024   payload bytes to receive and to send, ${MIN_PAYLOAD_BYTES} to 16777216
  --repeats n        repeats that count, 1 to 100
  --help
`;

/** What the command line says. */
export interface Options extends Choice {
  readonly json: boolean;
  readonly write: boolean;
  /** A file with an earlier run. */
  readonly from: string | undefined;
  readonly help: boolean;
}

const LARGEST_PAYLOAD = 16 * 1024 * 1024;

/** @throws Error with one line that says which argument is wrong */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      from: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      parts: { type: "string" },
      rows: { type: "string" },
      sizes: { type: "string" },
      repeats: { type: "string" },
    },
  });
  return {
    json: values.json,
    write: values.write,
    from: values.from,
    quick: values.quick,
    help: values.help,
    parts: names<Part>("--parts", values.parts, PARTS),
    rows: names<ReceiveRow>("--rows", values.rows, RECEIVE_ROWS),
    sizes: values.sizes
      ?.split(",")
      .map((text) => whole("--sizes", text, MIN_PAYLOAD_BYTES, LARGEST_PAYLOAD)),
    repeats: values.repeats === undefined ? undefined : whole("--repeats", values.repeats, 1, 100),
  };
}

function names<T extends string>(
  flag: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] | undefined {
  if (text === undefined) return undefined;
  const asked = text.split(",");
  const unknown = asked.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new Error(`${flag} knows ${known.join(", ")}, not ${unknown.join(", ")}`);
  return known.filter((name) => asked.includes(name));
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new Error(
      `${flag} takes whole numbers from ${min} to ${max}, not ${JSON.stringify(text)}`,
    );
  }
  return value;
}
