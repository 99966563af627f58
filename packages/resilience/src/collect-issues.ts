import { isConfigError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";

/**
 * Adds the issues of a `ConfigError` to a list, so that the caller hears of all of them at once;
 * `undefined` then. Other errors pass.
 */
export function collectIssues<T>(issues: ConfigIssue[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!isConfigError(error)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}
