import { ConfigError } from "oath-ws";
import { required } from "@oath-ws/venue-kit";
import type { OptionRule } from "@oath-ws/venue-kit";

/**
 * Checks what a caller without a compiler gave: found when the metrics are collected, the fault
 * would end their export, far from the line that made it.
 *
 * @throws ConfigError that names the argument
 */
export function checkArgument(name: string, rule: OptionRule, value: unknown): void {
  const issues = required(rule)(value, name);
  if (issues.length > 0) throw new ConfigError(issues);
}
