import type { ConfigIssue } from "@oath-ws/contract";
import { checkKeys, typeName } from "@oath-ws/resilience";

/** Checks the keys of a group of options, and returns the group without those that it has not. */
export function checkGroup<T extends object>(
  value: T | undefined,
  path: string,
  known: Readonly<Partial<Record<keyof T, true>>>,
  hints: ReadonlyMap<string, string>,
  issues: ConfigIssue[],
): T {
  if (value === undefined) return {} as T;
  if (!isObject(value)) {
    issues.push({ path, message: `must be an object, got ${typeName(value)}` });
    return {} as T;
  }
  checkKeys(value, `${path}.`, known, hints, issues);
  // Without the keys that are set to undefined: `ws` and Node would take those for values and drop
  // their defaults.
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, entry]) => entry !== undefined && Object.hasOwn(known, key),
    ),
  ) as T;
}

/** No type guard: it is asked of values whose type is known, if the caller kept to it. */
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
