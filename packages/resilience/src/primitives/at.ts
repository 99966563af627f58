/** What a value of unknown shape has under `key`; `undefined` when it is no object. */
export function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
