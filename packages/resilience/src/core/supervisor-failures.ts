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
