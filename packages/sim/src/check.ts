/**
 * Checks of values that come from outside: options of a caller, and the JSON body of a control
 * command.
 */
import { SimOptionError } from "./option-error.js";

/** Bounds of a number; both inclusive. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const NON_NEGATIVE: Bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Shows a bad value in an error without flooding it. */
function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** The dotted path of a member; the members of `options` themselves stand alone. */
export function memberOf(option: string, key: string): string {
  return option === "options" ? key : `${option}.${key}`;
}

/** A plain object whose keys are all in `known`; anything else is an error that names the key. */
export function asRecord(
  option: string,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SimOptionError(
      option,
      `expected an object, got ${Array.isArray(value) ? "an array" : show(value)}`,
    );
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new SimOptionError(
        memberOf(option, key),
        `unknown option; known here: ${known.join(", ")}`,
      );
    }
  }
  return value as Readonly<Record<string, unknown>>;
}

/** A finite number within bounds (default: 0 and up). */
export function asNumber(option: string, value: unknown, bounds: Bounds = NON_NEGATIVE): number {
  if (
    typeof value !== "number" ||
    !Number.isFinite(value) ||
    value < bounds.min ||
    value > bounds.max
  ) {
    throw new SimOptionError(
      option,
      `expected a number from ${bounds.min} to ${bounds.max}, got ${show(value)}`,
    );
  }
  return value;
}

/** An integer within bounds (default: 0 and up). */
export function asInteger(option: string, value: unknown, bounds: Bounds = NON_NEGATIVE): number {
  if (!Number.isSafeInteger(value))
    throw new SimOptionError(option, `expected a whole number, got ${show(value)}`);
  return asNumber(option, value, bounds);
}

/** A string, not empty. */
export function asText(option: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new SimOptionError(option, `expected a non-empty string, got ${show(value)}`);
  }
  return value;
}

/** A boolean. */
export function asFlag(option: string, value: unknown): boolean {
  if (typeof value !== "boolean")
    throw new SimOptionError(option, `expected true or false, got ${show(value)}`);
  return value;
}

/** One of a few words. */
export function asChoice<T extends string>(
  option: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined)
    throw new SimOptionError(option, `expected ${choices.join(" or ")}, got ${show(value)}`);
  return found;
}

/** An array. */
export function asList(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new SimOptionError(option, "expected an array");
  return value;
}

/** The reason in a close frame; may be empty. */
export function asCloseReason(option: string, value: unknown): string {
  if (typeof value !== "string" || Buffer.byteLength(value) > 123)
    throw new SimOptionError(option, "expected a string of at most 123 bytes");
  return value;
}
