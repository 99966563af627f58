import { type Server, WebSocketServer } from "ws";
import { SimWebSocket } from "./sim-websocket.js";

/** How long `ws` waits for a client to answer our close frame: for ever. The link bounds that. */
const CLOSE_TIMEOUT_MS = 2_147_483_647;

/**
 * The half of `ws` that turns an upgrade into a socket. Everything else, pongs included, is left to
 * the link.
 */
export function upgradeServer(maxMessageBytes: number): Server<typeof SimWebSocket> {
  // Not written in place: the type declarations of `ws` are older than its `closeTimeout` option.
  const options = {
    noServer: true,
    WebSocket: SimWebSocket,
    perMessageDeflate: false,
    autoPong: false,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  return new WebSocketServer(options);
}
