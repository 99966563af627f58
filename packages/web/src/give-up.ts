import { destroySocket } from "./undici-sockets.js";
import { queueMicrotask } from "./web-runtime.js";
import { CLOSED } from "./web-socket-like.js";
import type { WebSocketLike } from "./web-socket-like.js";

let lingering = 0;

/**
 * Counts the sockets that this package gave up and that the platform has not closed yet, in this
 * page or process. Nothing listens to them any more, but they are open: the peer sees them, the
 * platform reads them, and where the platform is a process they keep it alive.
 *
 * A few that come and go are usual. A number that grows shows peers that do not answer close
 * frames, on a platform that offers nothing harder (browsers, Deno).
 */
export function lingeringSockets(): number {
  return lingering;
}

/**
 * Gives a socket up as well as its platform allows: hard by `terminate()` (Bun, npm `ws`) or by the
 * socket below it (undici, and with it Node). The standard has no hard close: an open socket sends
 * a close frame and stays until the peer answers it or the platform loses patience; one that is
 * still connecting is dropped. Without effect on a closed one.
 */
export function giveUp(ws: WebSocketLike): void {
  if (ws.readyState === CLOSED) return;
  // Before anything else: undici fires `close` within `close()` while it is connecting.
  countUntilClosed(ws);
  try {
    if (typeof ws.terminate === "function") ws.terminate();
    else if (!destroySocket(ws)) {
      ws.close();
      // In the `open` event undici has not told yet which socket it is.
      queueMicrotask(() => void destroySocket(ws));
    }
  } catch {
    // The platform refused, and there is no further way to end the socket.
  }
}

function countUntilClosed(ws: WebSocketLike): void {
  lingering++;
  const onClose = (): void => {
    ws.removeEventListener("close", onClose);
    lingering--;
  };
  ws.addEventListener("close", onClose);
}
