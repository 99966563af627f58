import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError, isConfigError, urlFault } from "@oath-ws/contract";
import { resolveConfig } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import { mergeConfig } from "./merge-config.js";
import { numberIssues } from "./number-issues.js";
import type { NumberRule } from "./number-issues.js";
import { unknownKeyIssues } from "./unknown-key-issues.js";

/**
 * Everything that is wrong with the value of one option. What is not given is `undefined`, and
 * nothing is wrong with that unless the rule is {@link required}. No message holds a value that may
 * be a secret.
 */
export type OptionRule = (value: unknown, path: string) => readonly ConfigIssue[];

/** A rule for every option of a group. */
export type OptionRules<T> = { readonly [K in keyof T]-?: OptionRule };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Everything that is wrong with a group of options: the names that are no options, then the values
 * in the order of the rules.
 */
export function optionIssues<T extends object>(
  options: unknown,
  rules: OptionRules<T>,
  prefix = "",
): ConfigIssue[] {
  if (options !== undefined && !isFields(options))
    return [{ path: prefix.replace(/\.$/, "") || "options", message: "must be an object" }];
  const given = options ?? {};
  const issues = unknownKeyIssues(given, rules, prefix);
  for (const [key, rule] of Object.entries<OptionRule>(rules))
    issues.push(...rule(given[key], prefix + key));
  return issues;
}

/**
 * Checks a group of options.
 *
 * @param more what is wrong with options that depend on one another
 * @throws ConfigError listing everything that is wrong
 */
export function checkOptions<T extends object>(
  options: unknown,
  rules: OptionRules<T>,
  more: readonly ConfigIssue[] = [],
): void {
  const issues = [...optionIssues(options, rules), ...more];
  if (issues.length > 0) throw new ConfigError(issues);
}

/** A rule for values that are given: this must hold of them. */
export function must(holds: (value: unknown) => boolean, message: string): OptionRule {
  return (value, path) => (value === undefined || holds(value) ? [] : [{ path, message }]);
}

/** The option has to be given, and this is the rule for it. */
export function required(rule: OptionRule): OptionRule {
  return (value, path) =>
    value === undefined ? [{ path, message: "is required" }] : rule(value, path);
}

/** An option that is checked elsewhere, or that may be anything. */
export const unchecked: OptionRule = () => [];

export const flag: OptionRule = must((value) => typeof value === "boolean", "must be a boolean");

export const callback: OptionRule = must(
  (value) => typeof value === "function",
  "must be a function",
);

/** Text that is not empty. */
export const text: OptionRule = must(
  (value) => typeof value === "string" && value !== "",
  "must be a string that is not empty",
);

export function number(rule: NumberRule): OptionRule {
  return (value, path) => numberIssues({ [path]: value }, { [path]: rule });
}

/** A whole number of at least 1. */
export const count: OptionRule = number({ min: 1, whole: true });

/** A time in milliseconds that is not nothing. */
export const duration: OptionRule = number({ min: 1 });

/** One of a few words. */
export function choice(...words: readonly string[]): OptionRule {
  return must((value) => words.includes(value as string), `must be one of ${words.join(", ")}`);
}

/** An object with these functions. */
export function objectWith(...functions: readonly string[]): OptionRule {
  return (value, path) => {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null)
      return [{ path, message: `must be an object with the functions ${functions.join(", ")}` }];
    const fields = value as Fields;
    return functions.flatMap((name) => required(callback)(fields[name], `${path}.${name}`));
  };
}

/** What the adapter runs on, which has to have these functions of `VenueRuntime`. */
export function runtimeWith(...functions: readonly string[]): OptionRule {
  return (value, path) => objectWith(...functions)(value ?? {}, path);
}

/** An object with options of its own. */
export function group<T extends object>(
  rules: OptionRules<T>,
  ...more: readonly OptionRule[]
): OptionRule {
  return (value, path) => {
    if (value === undefined) return [];
    if (!isFields(value)) return [{ path, message: `must be an object, got ${typeof value}` }];
    const issues = optionIssues(value, rules, `${path}.`);
    return issues.length > 0 ? issues : more.flatMap((rule) => rule(value, path));
  };
}

/** An object whose every member follows this rule. */
export function each(rule: OptionRule): OptionRule {
  return (value, path) =>
    Object.entries(value ?? {}).flatMap(([key, one]) => rule(one, `${path}["${key}"]`));
}

/** Of two numbers of a group, after defaults: the second is the greater one. */
export function rising<D extends Readonly<Record<string, number>>>(
  lower: keyof D & string,
  upper: keyof D & string,
  defaults: D,
): OptionRule {
  return (value, path) => {
    const given = value as Partial<D>;
    const least = given[lower] ?? defaults[lower] ?? 0;
    const most = given[upper] ?? defaults[upper] ?? 0;
    const message = `must be greater than ${path}.${lower} (${least}), got ${most}`;
    return most > least ? [] : [{ path: `${path}.${upper}`, message }];
  };
}

/** An address that a WebSocket can be opened to. */
export const socketUrl: OptionRule = (value, path) => {
  const message = value === undefined ? undefined : urlFault(value);
  return message === undefined ? [] : [{ path, message }];
};

/**
 * An address to which paths are appended: scheme, host and port, and a path where that may be. The
 * message never holds the address itself: it may carry a password.
 */
export function baseUrl(scheme: "ws" | "http", hasPath = false): OptionRule {
  const form = new RegExp(`^${scheme}s?://[^\\s/?#@]+${hasPath ? "(/[^\\s?#]*)?" : "/?"}$`, "i");
  return must(
    (value) =>
      typeof value === "string" &&
      form.test(value) &&
      urlFault(value.replace(/^http/i, "ws")) === undefined,
    `must be ${scheme}:// or ${scheme}s:// with host and ` +
      `port${hasPath ? ", perhaps a path," : ","} and no more`,
  );
}

/** Settings of the stack that are laid over these. */
export function settingsOver(base: PartialConfig): OptionRule {
  return (value, path) => {
    if (value === undefined) return [];
    if (!isFields(value)) return [{ path, message: `must be an object, got ${typeof value}` }];
    try {
      resolveConfig(mergeConfig(base, value));
      return [];
    } catch (error) {
      if (!isConfigError(error)) throw error;
      return error.issues.map((issue) => ({ ...issue, path: `${path}.${issue.path}` }));
    }
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
