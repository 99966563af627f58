import { StandardSocket } from "@oath-ws/resilience/platform";
import type { ProtocolsSource, UrlSource } from "@oath-ws/resilience/platform";
import { nodeSockets } from "./node-sockets.js";
import type { SocketBinaryData, SocketBinaryType } from "./node-sockets.js";
import type { ResilientWebSocketOptions } from "./socket-options.js";

/**
 * A WebSocket that ends with its connection, in the shape of the standard one. It is for libraries
 * that reconnect by themselves and take the class of their socket as an option: `webSocketImpl` of
 * graphql-ws, `WebSocketPolyfill` of y-websocket, `webSocketFactory` of `@stomp/stompjs`. It gives
 * them what the standard's class lacks: pings and a verdict on silence (`config.liveness`), typed
 * causes on `close` and `error` events, a connect timeout, a bounded `close()`, and attempts that
 * are counted per host together with all other sockets of the process. Applications should use
 * `ReconnectingWebSocket` or `open()`.
 *
 * ```ts
 * const client = createClient({ url, webSocketImpl: ResilientWebSocket });
 * ```
 *
 * To set options for a library, extend it:
 *
 * ```ts
 * class FeedSocket extends ResilientWebSocket {
 *   constructor(url: string, protocols?: string[]) {
 *     super(url, protocols, { config: { liveness: { deadAfterMs: 8_000 } } });
 *   }
 * }
 * ```
 *
 * There is one attempt and at most one `open`. A failed attempt is one `error` and one `close`
 * event, both with the cause. A connection that was lost, fell silent or was closed by the peer is
 * a `close` event with the cause; `error` comes before it only when the peer broke the protocol.
 * `close` is the last event, except for `unsent`. While the attempt waits for its turn at the
 * attempt gate, `readyState` is `CONNECTING` and a `waiting` event says until when; `close()` gives
 * the turn back. `send()` on a socket that is `CLOSING` or `CLOSED` does not throw, as the standard
 * has it: the frame becomes an `unsent` event. Everything else about events, listeners and sending
 * is as in `ReconnectingWebSocket`.
 */
export class ResilientWebSocket extends StandardSocket<SocketBinaryType, SocketBinaryData> {
  /**
   * Starts to connect.
   *
   * @param url an absolute `ws:`, `wss:`, `http:` or `https:` URL, or a function that is asked for
   *   one. If it fails, the socket ends
   * @param protocols subprotocols to offer, best first, or a function that is asked for them.
   *   Default none
   * @throws ConfigError with everything that is wrong with the options; a `DOMException`
   *   `SyntaxError` for a URL, subprotocols or headers that cannot be used, whose `cause` is a
   *   `WsError` (`URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID`)
   */
  constructor(url: UrlSource, protocols?: ProtocolsSource, options?: ResilientWebSocketOptions) {
    super(nodeSockets, "resilient", url, protocols, options);
  }
}
