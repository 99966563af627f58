import { isWsError } from "@oath-ws/contract";
import type { Frame, WsError } from "@oath-ws/contract";

/** Throws an error with `message` unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Throws unless both are the same value (`Object.is`). */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  check(Object.is(actual, expected), `${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Throws unless `actual` is a frame of that kind with exactly those bytes. */
export function checkFrame(
  actual: Frame,
  kind: Frame["kind"],
  data: Uint8Array,
  what: string,
): void {
  checkSame(actual.kind, kind, `${what}: kind`);
  checkBytes(actual.data, data, what);
}

/** Throws unless `actual` is a `Uint8Array` of exactly those bytes. */
export function checkBytes(actual: unknown, expected: Uint8Array, what: string): void {
  check(actual instanceof Uint8Array, `${what}: expected a Uint8Array, got ${show(actual)}`);
  checkSame(actual.length, expected.length, `${what}: length`);
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  check(at === -1, `${what}: byte ${at} is ${actual[at]}, expected ${expected[at]}`);
}

/** Throws unless `value` is a `WsError` with a code and, when one is given, that code. */
export function checkWsError(value: unknown, what: string, code?: string): WsError {
  check(isWsError(value), `${what}: expected a WsError, got ${show(value)}`);
  check(typeof value.kind === "string" && value.kind.length > 0, `${what}: the error has no kind`);
  check(typeof value.code === "string" && value.code.length > 0, `${what}: the error has no code`);
  if (code !== undefined) checkSame(value.code, code, `${what}: code`);
  return value;
}

/** How a promise settled; asking never rejects. */
export type Settlement<T> =
  | { readonly kind: "resolved"; readonly value: T }
  | { readonly kind: "rejected"; readonly reason: unknown };

/**
 * How `promise` settles. It is handled from the call on, so a test that fails before it looks
 * leaves no unhandled rejection.
 */
export function settlement<T>(promise: Promise<T>): Promise<Settlement<T>> {
  return promise.then(
    (value): Settlement<T> => ({ kind: "resolved", value }),
    (reason: unknown): Settlement<T> => ({ kind: "rejected", reason }),
  );
}

/** Calls something that must give a promise: a synchronous throw is a failure of its own. */
export function started<T>(start: () => Promise<T>, what: string): Promise<T> {
  try {
    return start();
  } catch (error) {
    throw new Error(`${what} threw instead of rejecting: ${String(error)}`, { cause: error });
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null)
    return isWsError(value) ? `WsError ${value.code}` : value.constructor.name;
  return String(value);
}
