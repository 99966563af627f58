import { StandardSocket } from "@oath-ws/resilience/platform";
import type { ProtocolsSource, UrlSource } from "@oath-ws/resilience/platform";
import type { ResilientWebSocketOptions } from "./socket-options.js";
import { webSockets } from "./web-sockets.js";
import type { SocketBinaryData, SocketBinaryType } from "./web-sockets.js";

/**
 * A WebSocket that ends with its connection, in the shape of the standard one and over the
 * platform's own: the class of that name in `oath-ws/websocket`, for pages, workers, Deno and Bun.
 * It is for libraries that reconnect by themselves and take the class of their socket as an option.
 * It gives them a verdict on silence (`config.liveness`), typed causes on `close` and `error`
 * events, a connect timeout, a bounded `close()`, and attempts that are counted per host together
 * with all other sockets of the page. Applications should use `ReconnectingWebSocket` or
 * `openWeb()`.
 *
 * ```ts
 * const client = createClient({ url, webSocketImpl: ResilientWebSocket });
 * ```
 *
 * There is one attempt and at most one `open`. A failed attempt is one `error` and one `close`
 * event, both with the cause. A connection that was lost, fell silent or was closed by the peer is
 * a `close` event with the cause. `close` is the last event, except for `unsent`. `send()` on a
 * socket that is `CLOSING` or `CLOSED` does not throw, as the standard has it: the frame becomes an
 * `unsent` event. Everything else is as in `ReconnectingWebSocket`.
 */
export class ResilientWebSocket extends StandardSocket<SocketBinaryType, SocketBinaryData> {
  /**
   * Starts to connect.
   *
   * @param url a `ws:`, `wss:`, `http:` or `https:` URL, or a function that is asked for one. If it
   *   fails, the socket ends
   * @param protocols subprotocols to offer, best first, or a function that is asked for them.
   *   Default none
   * @throws ConfigError with everything that is wrong with the options; a `DOMException`
   *   `SyntaxError` for a URL, subprotocols or headers that cannot be used, whose `cause` is a
   *   `WsError` (`URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID`)
   */
  constructor(url: UrlSource, protocols?: ProtocolsSource, options?: ResilientWebSocketOptions) {
    super(webSockets, "resilient", url, protocols, options);
  }
}
