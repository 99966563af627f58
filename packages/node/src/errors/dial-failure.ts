import type { WsError } from "@oath-ws/contract";
import { handshakeOptionsInvalid } from "@oath-ws/resilience/leaf";
import { fromNodeError } from "./from-node-error.js";

/**
 * The error for what went wrong before the server answered. Node checks most options only where
 * they are used, and then throws or emits.
 *
 * @param where how the message begins
 */
export function dialFailure(error: unknown, where: string): WsError {
  const failure = fromNodeError(error, where);
  if (failure.kind !== "unknown" || !failure.code.startsWith("ERR_")) return failure;
  return handshakeOptionsInvalid(
    `${where}: the options cannot be used (${failure.code})`,
    // Node quotes the argument it did not like, which may be a secret.
    failure.code.startsWith("ERR_INVALID_ARG_") ? undefined : error,
  );
}
