import { readFileSync } from "node:fs";
import { parseDuration } from "../duration.js";
import { errorLine } from "../error-line.js";
import { UsageError } from "../usage-error.js";

/** One entry of a simulator's script, not yet checked: the simulator knows its faults. */
export type UncheckedEntry = unknown;

/**
 * Reads `reset@5s`, or with fields `mute:forMs=3000@5s`, as an entry of a script. Throws a
 * {@link UsageError} for another form.
 */
export function parseFaultOption(text: string): UncheckedEntry {
  const [, kind, fields = "", after] = /^([a-z-]+)(?::([^@]+))?@([^@]+)$/.exec(text) ?? [];
  if (kind === undefined || after === undefined)
    throw new UsageError("--fault takes KIND@DURATION, such as reset@5s or mute:forMs=3000@5s");
  const entries = fields.split(",").filter((field) => field !== "");
  return {
    when: { kind: "time", afterMs: parseDuration(after, "--fault") },
    fault: Object.fromEntries([["kind", kind], ...entries.map(parseField)]) as unknown,
  };
}

function parseField(field: string): readonly [name: string, value: unknown] {
  const equals = field.indexOf("=");
  if (equals < 1) throw new UsageError("--fault takes fields as NAME=VALUE, such as forMs=3000");
  const text = field.slice(equals + 1);
  const value = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  return [field.slice(0, equals), value];
}

/** Reads a file with a JSON array of entries. Throws a {@link UsageError} for anything else. */
export function readScript(file: string): readonly UncheckedEntry[] {
  try {
    const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (Array.isArray(entries)) return entries;
  } catch (error) {
    throw new UsageError(`--script: ${errorLine(error)}`);
  }
  throw new UsageError("--script: the file must hold a JSON array of entries");
}
