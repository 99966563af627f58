import type { ConfigIssue } from "@oath-ws/contract";

/** Adds one issue per key that is not known and has a value. */
export function checkKeys(
  value: object,
  prefix: string,
  known: Readonly<Record<string, true | undefined>>,
  hints: ReadonlyMap<string, string>,
  issues: ConfigIssue[],
): void {
  for (const [key, entry] of Object.entries(value)) {
    if (Object.hasOwn(known, key) || entry === undefined) continue;
    issues.push({ path: `${prefix}${key}`, message: hints.get(key) ?? "is not an option" });
  }
}

/**
 * Lists the options that do not exist.
 *
 * @param hints what takes the place of names that others know
 */
export function unknownOptionIssues(
  options: unknown,
  known: Readonly<Record<string, true>>,
  hints: ReadonlyMap<string, string> = new Map(),
): ConfigIssue[] {
  if (options === undefined) return [];
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [{ path: "options", message: "must be an object" }];
  }
  const issues: ConfigIssue[] = [];
  checkKeys(options, "", known, hints, issues);
  return issues;
}
