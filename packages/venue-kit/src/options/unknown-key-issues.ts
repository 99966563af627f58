import type { ConfigIssue } from "@oath-ws/contract";

/**
 * The options that do not exist: a name that is mistyped would otherwise be a setting that silently
 * has no effect.
 */
export function unknownKeyIssues(options: object, known: object, prefix = ""): ConfigIssue[] {
  return Object.keys(options)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => ({
      path: prefix + key,
      message: `is not an option (known: ${Object.keys(known).join(", ")})`,
    }));
}
