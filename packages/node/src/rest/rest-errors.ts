import type { IncomingMessage } from "node:http";
import { isWsError, WsError } from "@oath-ws/contract";
import { parseRetryAfter } from "@oath-ws/resilience";
import { fromNodeError } from "../errors/from-node-error.js";

/** The request cannot be made; nothing was sent. */
export function requestInvalid(message: string, error?: unknown): WsError {
  // What resolving the TLS options says is better than anything here.
  if (isWsError(error)) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  return new WsError({
    kind: "client",
    code: "REST_REQUEST_INVALID",
    // The code alone: Node quotes the argument it did not like, which may be a secret.
    message: typeof code === "string" ? `${message} (${code})` : message,
  });
}

/** The whole answer was not there in time. */
export function timedOut(where: string, timeoutMs: number): WsError {
  const message = `${where}: no whole answer came within ${timeoutMs} ms`;
  return new WsError({ kind: "timeout", code: "REST_TIMEOUT", message });
}

/** The connection could not be made, or ended before the answer did. */
export function failed(where: string, error: unknown): WsError {
  if (error === undefined) {
    const message = `${where}: the connection ended before the answer was whole`;
    return new WsError({ kind: "connection", code: "REST_FAILED", message });
  }
  // A status is that of a proxy's refusal.
  const { kind, message, status } = fromNodeError(error, where);
  return new WsError({ kind, code: "REST_FAILED", message, status, cause: error });
}

/**
 * The answer cannot be taken; its connection is destroyed.
 *
 * @param now the wall clock, for a `Retry-After` that names a date
 */
export function answerRefused(
  response: IncomingMessage,
  code: "REST_REDIRECTED" | "REST_ENCODED" | "REST_TOO_BIG",
  message: string,
  now: number,
): WsError {
  const { statusCode: status, headers } = response;
  const retryAfterMs = parseRetryAfter(headers["retry-after"], headers.date, now);
  return new WsError({ kind: "server", code, message, status, retryAfterMs });
}
