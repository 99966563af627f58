import type { PartialConfig } from "@oath-ws/resilience";

/**
 * Lays the user's settings over the venue's, group by group. What is no group is left for the code
 * that checks the result.
 */
export function mergeConfig(base: PartialConfig, over: PartialConfig | undefined): PartialConfig {
  const groups = new Map<string, unknown>(Object.entries(base));
  for (const [name, group] of Object.entries(over ?? {})) {
    if (group === undefined) continue;
    const before = groups.get(name) as object | undefined;
    groups.set(name, isGroup(group) ? { ...before, ...group } : group);
  }
  // Made of entries: `__proto__` becomes a key like any other, and is refused as unknown.
  return Object.fromEntries(groups);
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
