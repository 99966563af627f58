import type { WireSocket } from "./wire/wire-socket.js";

/** TCP sockets by the TLS socket that stands on them: only the former can be reset. */
const CARRIERS: WeakMap<WireSocket, WireSocket> = new WeakMap();

/** Notes which TCP socket a TLS socket stands on. */
export function carry(secure: WireSocket, tcp: WireSocket): void {
  CARRIERS.set(secure, tcp);
}

/**
 * Ends a connection with a TCP reset. In the moment in which the socket's own end is on its way
 * out, libuv refuses to reset, and Node then forgets the handle without closing it, which keeps the
 * process alive for ever. Such a socket is destroyed: the peer sees an end, or a reset if it had
 * sent more.
 */
export function resetSocket(socket: WireSocket): void {
  const tcp = CARRIERS.get(socket) ?? socket;
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (ending) socket.destroy();
  else tcp.resetAndDestroy();
}
