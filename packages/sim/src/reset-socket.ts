import type { Socket } from "node:net";

/**
 * Ends a connection with a TCP reset. In the moment in which the socket's own end is on its way out, libuv refuses to reset, and Node
 * then forgets the handle without closing it, which keeps the process alive for ever. Such a socket is destroyed: the peer sees an end,
 * or a reset if it had sent more.
 */
export function resetSocket(socket: Socket): void {
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (ending) socket.destroy();
  else socket.resetAndDestroy();
}
