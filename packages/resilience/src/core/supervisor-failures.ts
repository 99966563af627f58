import type { ConnectionIdentity } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/** A reconnect was asked for. */
export function forced(
  connection: ConnectionIdentity,
  epoch: number,
  reason: string | undefined,
): WsError {
  const suffix = reason === undefined ? "" : `: ${reason}`;
  const message = `a reconnect was forced${suffix}`;
  return new WsError({ kind: "client", code: "FORCED", message, connection, epoch });
}

/** `attempts.maxAttempts` failures in a row, of which this was the last. */
export function exhausted(
  connection: ConnectionIdentity,
  maxAttempts: number | undefined,
  cause: WsError | undefined,
): WsError {
  const message = `gave up after ${maxAttempts} failed attempts in a row (attempts.maxAttempts)`;
  const kind = cause?.kind ?? "unknown";
  return new WsError({ kind, code: "ATTEMPTS_EXHAUSTED", message, connection, cause });
}

/** The first endpoint is back, and the connection goes over to it. */
export function returned(connection: ConnectionIdentity, epoch: number): WsError {
  const message = "the first endpoint is back: the connection goes over to it";
  return new WsError({ kind: "client", code: "RETURNED", message, connection, epoch });
}

/** Every endpoint has failed for good. */
export function endpointsRefused(
  connection: ConnectionIdentity,
  errors: readonly WsError[],
  last: WsError,
): WsError {
  const causes = errors.map(
    ({ endpoint, code, message }, i) => `${i + 1}. ${endpoint}: ${message} (${code})`,
  );
  const message = `every endpoint has failed for good: ${causes.join("; ")}`;
  const { kind, status } = last;
  const cause = new AggregateError(errors, "the last errors of the endpoints");
  return new WsError({ kind, code: "ENDPOINTS_REFUSED", message, connection, status, cause });
}
