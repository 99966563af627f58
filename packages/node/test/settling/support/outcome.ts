import { isWsError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";

/** What aborted waits reject with. */
export const REASON = { why: "the test says so" };

/**
 * What became of a promise: `resolved` with what, the codes of the error and of its cause, or
 * `aborted`.
 */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    const value = await promise;
    return typeof value === "boolean" ? `resolved ${value}` : "resolved";
  } catch (error) {
    if (error === REASON) return "aborted";
    if (!isWsError(error)) return `rejected with ${String(error)}`;
    const cause: unknown = error.cause;
    return error.code === "ATTEMPTS_EXHAUSTED" && isWsError(cause)
      ? codes(error, cause)
      : error.code;
  }
}

function codes(error: WsError, cause: WsError): string {
  return `${error.code} < ${cause.code}`;
}
