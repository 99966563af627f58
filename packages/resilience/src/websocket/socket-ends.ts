import { WsError } from "@oath-ws/contract";
import type { Ending } from "./narrator.js";
import { SocketCloseEvent } from "./socket-events.js";

/** The end of a connection that was not asked for. */
export function lost({ epoch, cause, final }: Ending): SocketCloseEvent {
  const close = cause?.code === "PEER_CLOSED" ? cause.close : undefined;
  return new SocketCloseEvent({
    code: close?.code ?? 1006,
    reason: close?.reason ?? "",
    wasClean: close !== undefined,
    epoch,
    cause,
    willReconnect: !final,
  });
}

/** The error of a call to a socket that is over. */
export function overError(): WsError {
  return new WsError({
    kind: "client",
    code: "SHUT_DOWN",
    message: "The socket was closed or has given up. Make a new one.",
  });
}

/** The error that `close()` tells while there is no connection. */
export function closedEarly(): WsError {
  return new WsError({
    kind: "client",
    code: "SHUT_DOWN",
    message: "close() was called while there was no connection",
  });
}
