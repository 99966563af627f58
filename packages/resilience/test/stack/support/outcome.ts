import { isWsError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";
import { watch } from "../../support/outcome.js";
import type { Outcome } from "../../support/outcome.js";

export { watch };
export type { Outcome };

/**
 * The code of the `WsError` that a watched promise was rejected with, or what became of it instead.
 */
export function codeOf(outcome: Outcome<unknown>): string {
  if (outcome.state !== "rejected") return outcome.state;
  return isWsError(outcome.reason)
    ? outcome.reason.code
    : `rejected with ${String(outcome.reason)}`;
}

/** The `WsError` that a watched promise was rejected with. */
export function errorOf(outcome: Outcome<unknown>): WsError {
  if (!isWsError(outcome.reason))
    throw new Error(
      `expected a WsError, the promise is ${outcome.state}: ${String(outcome.reason)}`,
    );
  return outcome.reason;
}
