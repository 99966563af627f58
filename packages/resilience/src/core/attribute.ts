import type { ConnectionIdentity } from "@oath-ws/contract";
import { ConfigError, isConfigError, WsError } from "@oath-ws/contract";
import { blameAuthSource, isFromAuthSource } from "./blame.js";

/**
 * Notes in an error which connection it belongs to, and where and in which epoch it happened.
 * Returns the error itself, or a copy with the original as its cause where that cannot be: the
 * original is frozen, or was noted for another connection, endpoint or epoch already, because a
 * connector or an `AuthSource` used it twice.
 *
 * @param epoch absent when no connection was up
 * @param endpoint the origin of the server; absent when none was dialled
 */
export function attribute(
  error: WsError,
  connection: ConnectionIdentity,
  epoch?: number,
  endpoint?: string,
): WsError {
  const isElsewhere =
    endpoint !== undefined && error.endpoint !== undefined && error.endpoint !== endpoint;
  const isOther =
    isElsewhere || (error.connection !== undefined && error.connection.id !== connection.id);
  const isPast = epoch !== undefined && error.epoch !== undefined && error.epoch !== epoch;
  const isComplete =
    error.connection !== undefined &&
    (epoch === undefined || error.epoch === epoch) &&
    (endpoint === undefined || error.endpoint === endpoint);
  if (isOther || isPast || (!isComplete && !Object.isExtensible(error)))
    return copyFor(error, connection, epoch, endpoint);
  if (error.connection === undefined) error.connection = connection;
  if (endpoint !== undefined && error.endpoint === undefined) error.endpoint = endpoint;
  if (epoch !== undefined && error.epoch === undefined) error.epoch = epoch;
  return error;
}

function copyFor(
  error: WsError,
  connection: ConnectionIdentity,
  epoch: number | undefined,
  endpoint: string | undefined,
): WsError {
  if (isConfigError(error))
    return attribute(new ConfigError(error.issues), connection, epoch, endpoint);
  const { kind, code, message, status, retryAfterMs, headers, close } = error;
  const copy = new WsError({
    kind,
    code,
    message,
    connection,
    endpoint: endpoint ?? error.endpoint,
    epoch: epoch ?? error.epoch,
    status,
    retryAfterMs,
    headers,
    close,
    cause: error,
  });
  return isFromAuthSource(error) ? blameAuthSource(copy) : copy;
}
