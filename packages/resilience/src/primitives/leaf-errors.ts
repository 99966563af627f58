import type { CloseInfo, ErrorKind, WsErrorInit } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { decodeUtf8 } from "./utf8.js";

/**
 * The errors that all connectors have in common, made in one place so that policies meet the same
 * error over any connector.
 */

/** What sort of failure an upgrade refused with this HTTP status is. */
export function kindOfStatus(status: number): ErrorKind {
  if (status === 401 || status === 403 || status === 407) return "auth";
  // 418 is how some venues ban an address that went on after its 429s.
  if (status === 429 || status === 418) return "throttled";
  // A page (2xx) or a redirect (3xx) where a socket was expected is as much the address's fault as
  // a 404.
  return status >= 500 ? "server" : "client";
}

/** The server answered the upgrade with this HTTP status, which is not 101. */
export function upgradeRefused(
  where: string,
  status: number,
  details: Pick<WsErrorInit, "headers" | "retryAfterMs">,
): WsError {
  return new WsError({
    kind: kindOfStatus(status),
    code: "UPGRADE_REFUSED",
    message: `${where}: the server refused the upgrade with status ${status}`,
    status,
    ...details,
  });
}

/** The URL cannot be dialled; `why` must not show it. */
export function urlInvalid(why: string): WsError {
  return new WsError({ kind: "client", code: "URL_INVALID", message: why });
}

/** The rest of the handshake cannot be dialled. */
export function handshakeOptionsInvalid(why: string, cause?: unknown): WsError {
  return new WsError({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID", message: why, cause });
}

/** The server's answer is not a WebSocket handshake. */
export function handshakeInvalid(why: string, cause?: unknown): WsError {
  return new WsError({ kind: "server", code: "HANDSHAKE_INVALID", message: why, cause });
}

/** The server chose none of the subprotocols that were offered. */
export function subprotocolRefused(why: string, cause?: unknown): WsError {
  return new WsError({ kind: "client", code: "SUBPROTOCOL_REFUSED", message: why, cause });
}

/** The peer ended the connection with a close frame. */
export function peerClosed(code: number, reason: string | Uint8Array): WsError {
  const text = typeof reason === "string" ? reason : decodeUtf8(reason);
  return new WsError({
    kind: "connection",
    code: "PEER_CLOSED",
    message: `the peer closed with code ${code}`,
    close: { code, reason: text },
  });
}

/**
 * The socket ended during the handshake, without an error of its own. `where` begins the message.
 */
export function dialLost(where: string): WsError {
  const message = `${where}: the socket ended during the handshake`;
  return new WsError({ kind: "connection", code: "SOCKET_LOST", message });
}

/**
 * The socket ended, and no close frame had come.
 *
 * @param close what the platform reported in its place
 */
export function socketLost(close: CloseInfo = { code: 1006, reason: "" }): WsError {
  const message = "the socket ended without a close frame";
  return new WsError({ kind: "connection", code: "SOCKET_LOST", message, close });
}

/** The frame, or the close code or reason, cannot be sent. */
export function frameInvalid(why: string, cause?: unknown): WsError {
  return new WsError({ kind: "client", code: "FRAME_INVALID", message: why, cause });
}

/** The frame can never be sent as it is, because of its size. */
export function frameTooBig(why: string, cause?: unknown): WsError {
  return new WsError({ kind: "client", code: "FRAME_TOO_BIG", message: why, cause });
}

/** The owner closed the connection before. */
export function sinkClosed(): WsError {
  const message = "the sink was closed by its owner";
  return new WsError({ kind: "client", code: "SINK_CLOSED", message });
}

/** The connection is over. */
export function notConnected(): WsError {
  const message = "the connection is over";
  return new WsError({ kind: "connection", code: "NOT_CONNECTED", message });
}

/** Without an epoch, which a connector does not know; the stack adds it. */
export function sendFateUnknown(cause: unknown): WsError {
  return new WsError({
    kind: "connection",
    code: "SEND_FATE_UNKNOWN",
    message: "the connection ended before the frame was known to have left",
    cause: cause ?? undefined,
  });
}
