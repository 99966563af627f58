import type { ConnectionIdentity } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/** What waits for a connection that was shut down is rejected with. */
export function shutDown(connection: ConnectionIdentity): WsError {
  return new WsError({
    kind: "client",
    code: "SHUT_DOWN",
    message: "the connection was shut down",
    connection,
  });
}

/** What waits for a connection that gave up is rejected with. */
export function gaveUp(connection: ConnectionIdentity, cause: WsError): WsError {
  return new WsError({
    kind: cause.kind,
    code: "NOT_CONNECTED",
    message: `the connection has given up (${cause.code})`,
    connection,
    cause,
  });
}

export function peerSilent(silentMs: number, deadAfterMs: number): WsError {
  const silence = `nothing arrived for ${Math.round(silentMs)} ms`;
  const message = `${silence} (liveness.deadAfterMs is ${deadAfterMs})`;
  return new WsError({ kind: "timeout", code: "PEER_SILENT", message });
}

/** The kernel takes nothing of what was sent. */
export function writeStalled(bytes: number, stalledMs: number, writeStallMs: number): WsError {
  const held = `${bytes} bytes, none of which left for ${Math.round(stalledMs)} ms`;
  const limit = `liveness.writeStallMs is ${writeStallMs}`;
  const message = `the peer does not read: the socket holds ${held} (${limit})`;
  return new WsError({ kind: "timeout", code: "WRITE_STALLED", message });
}
