import type { PartialConfig } from "@oath-ws/resilience";

/** Lays the user's settings over the venue's, group by group. */
export function mergeConfig(base: PartialConfig, over: PartialConfig | undefined): PartialConfig {
  const groups: Record<string, unknown> = { ...base };
  for (const [name, group] of Object.entries(over ?? {})) {
    groups[name] = { ...(groups[name] as object | undefined), ...(group as object) };
  }
  return groups;
}
