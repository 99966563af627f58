import type { PartialConfig } from "@oath-ws/resilience";

/**
 * Lays the user's settings over the venue's, group by group. What is no group is left for whoever
 * checks the result.
 */
export function mergeConfig(base: PartialConfig, over: PartialConfig | undefined): PartialConfig {
  const groups: Record<string, unknown> = { ...base };
  for (const [name, group] of Object.entries(over ?? {})) {
    if (group !== undefined)
      groups[name] = isGroup(group) ? { ...(groups[name] as object | undefined), ...group } : group;
  }
  return groups;
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
