/**
 * Tables of options: how each option is checked, and its default. A venue writes its options as
 * such a table, and {@link resolve} does the rest.
 */
import {
  asChoice,
  asFlag,
  asInteger,
  asList,
  asNumber,
  asRecord,
  asText,
  memberOf,
} from "./check.js";

/**
 * Returns the checked value of an option; an absent one gets the default. Throws a
 * `SimOptionError` that names the option.
 */
export type Rule<T> = (option: string, value: unknown) => T;

/** A rule for every member of a group of options. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> };

const MOST: number = Number.MAX_SAFE_INTEGER;

/** `value` by `check`, or `fallback` where there is none. */
function orElse<T>(fallback: T, check: Rule<T>): Rule<T> {
  return (option, value) => (value === undefined ? fallback : check(option, value));
}

/** A text that is not empty. */
export function text(fallback: string): Rule<string> {
  return orElse(fallback, asText);
}

export function flag(fallback: boolean): Rule<boolean> {
  return orElse(fallback, asFlag);
}

/** A whole number within bounds, both inclusive. */
export function whole(fallback: number, min = 0, max: number = MOST): Rule<number> {
  return orElse(fallback, (option, value) => asInteger(option, value, { min, max }));
}

/** A number within bounds, both inclusive. Durations are such numbers, in milliseconds. */
export function number(fallback: number, min = 0, max: number = MOST): Rule<number> {
  return orElse(fallback, (option, value) => asNumber(option, value, { min, max }));
}

/** One of these words; the first is the default. */
export function choice<const T extends string>(fallback: T, ...others: readonly T[]): Rule<T> {
  return orElse(fallback, (option, value) => asChoice(option, value, [fallback, ...others]));
}

/** An option without a default. */
export function optional<T>(check: Rule<T>): Rule<T | undefined> {
  return orElse<T | undefined>(undefined, check);
}

/** A list; each entry is checked on its own. */
export function list<T>(fallback: readonly unknown[], entry: Rule<T>): Rule<readonly T[]> {
  return (option, value) =>
    asList(option, value ?? fallback).map((each, at) => entry(`${option}[${at}]`, each));
}

/** A group of options within options. */
export function group<T extends object>(rules: Rules<T>): Rule<T> {
  return (option, value) => resolve(option, value, rules);
}

/**
 * Checks a group of options and fills in the defaults. Throws for an option without a rule, and for
 * the first one that cannot work. Options without a value and a default are left out.
 */
export function resolve<T extends object>(option: string, value: unknown, rules: Rules<T>): T {
  const from = asRecord(option, value ?? {}, Object.keys(rules));
  const entries = Object.entries<Rule<unknown>>(rules).map(
    ([key, rule]) => [key, rule(memberOf(option, key), from[key])] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as T;
}
