import { UsageError } from "./usage-error.js";

/**
 * Reads `NAME:VALUE`, each; of a name that comes twice the last counts. What is in them is the
 * leaf's to judge.
 */
export function parseHeaders(lines: readonly string[]): Record<string, string> {
  // Made of entries: a name such as `__proto__` must become a header like any other, for the leaf
  // to send or refuse.
  return Object.fromEntries(lines.map(parseHeader));
}

function parseHeader(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  // The value may be a token: an error must not repeat it.
  if (colon < 1) throw new UsageError("--header takes NAME:VALUE");
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
