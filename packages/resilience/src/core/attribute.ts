import type { ConnectionIdentity } from "@oath-ws/contract";
import { ConfigError, isConfigError, WsError } from "@oath-ws/contract";
import { blameAuthSource, isFromAuthSource } from "./blame.js";

/**
 * Notes in an error which connection it belongs to, and in which epoch it happened. Returns the
 * error itself, or a copy with the original as its cause where that cannot be: the original is
 * frozen, or was noted for another connection or epoch already, because a connector or an
 * `AuthSource` used it twice.
 *
 * @param epoch absent when no connection was up
 */
export function attribute(error: WsError, connection: ConnectionIdentity, epoch?: number): WsError {
  const isOther = error.connection !== undefined && error.connection.id !== connection.id;
  const isPast = epoch !== undefined && error.epoch !== undefined && error.epoch !== epoch;
  const isComplete =
    error.connection !== undefined && (epoch === undefined || error.epoch === epoch);
  if (isOther || isPast || (!isComplete && !Object.isExtensible(error)))
    return copyFor(error, connection, epoch);
  if (error.connection === undefined) error.connection = connection;
  if (epoch !== undefined && error.epoch === undefined) error.epoch = epoch;
  return error;
}

function copyFor(
  error: WsError,
  connection: ConnectionIdentity,
  epoch: number | undefined,
): WsError {
  if (isConfigError(error)) return attribute(new ConfigError(error.issues), connection, epoch);
  const { kind, code, message, status, retryAfterMs, headers, close } = error;
  const copy = new WsError({
    kind,
    code,
    message,
    connection,
    epoch: epoch ?? error.epoch,
    status,
    retryAfterMs,
    headers,
    close,
    cause: error,
  });
  return isFromAuthSource(error) ? blameAuthSource(copy) : copy;
}
