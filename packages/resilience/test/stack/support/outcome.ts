import { isWsError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";

/** What became of a promise, readable without waiting. Watching counts as handling a rejection. */
export interface Outcome<T> {
  state: "pending" | "resolved" | "rejected";
  value: T | undefined;
  reason: unknown;
}

export function watch<T>(promise: PromiseLike<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: "pending", value: undefined, reason: undefined };
  promise.then(
    (value) => {
      outcome.state = "resolved";
      outcome.value = value;
    },
    (reason: unknown) => {
      outcome.state = "rejected";
      outcome.reason = reason;
    },
  );
  return outcome;
}

/** The code of the `WsError` that a watched promise was rejected with, or what became of it instead. */
export function codeOf(outcome: Outcome<unknown>): string {
  if (outcome.state !== "rejected") return outcome.state;
  return isWsError(outcome.reason) ? outcome.reason.code : `rejected with ${String(outcome.reason)}`;
}

/** The `WsError` that a watched promise was rejected with. */
export function errorOf(outcome: Outcome<unknown>): WsError {
  if (!isWsError(outcome.reason))
    throw new Error(`expected a WsError, the promise is ${outcome.state}: ${String(outcome.reason)}`);
  return outcome.reason;
}
