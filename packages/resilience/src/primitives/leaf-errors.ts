import type { ErrorKind } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { decodeUtf8 } from "./utf8.js";

/**
 * The failures that every leaf has in common, made in one place so that policies meet the same
 * error over any leaf.
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

/** The peer ended the connection with a close frame. */
export function peerClosed(code: number, reason: Uint8Array): WsError {
  const close = { code, reason: decodeUtf8(reason) };
  return new WsError({
    kind: "connection",
    code: "PEER_CLOSED",
    message: `the peer closed with code ${code}`,
    close,
  });
}

/** The socket ended, and no close frame had come. */
export function socketLost(): WsError {
  return new WsError({
    kind: "connection",
    code: "SOCKET_LOST",
    message: "the socket ended without a close frame",
    close: { code: 1006, reason: "" },
  });
}
