import { ReconnectingSocket } from "@oath-ws/resilience/platform";
import type { ProtocolsSource, UrlSource } from "@oath-ws/resilience/platform";
import type { ReconnectingWebSocketOptions } from "./socket-options.js";
import { webSockets } from "./web-sockets.js";
import type { SocketBinaryData, SocketBinaryType } from "./web-sockets.js";

/**
 * A WebSocket that reconnects, in the shape of the standard one and over the platform's own: the
 * class of that name in `oath-ws/websocket`, for pages, workers, Deno and Bun. Its events, its
 * `readyState` and its rules for `send()` and `close()` are the same; what differs is what a
 * platform's WebSocket hides.
 *
 * - There are no pings: silence alone judges a connection, after `WEB_LIVENESS`, unless `probe`
 *   names a text to send
 * - A refused upgrade, a 401 and no network are all `CONNECT_FAILED`, which is tried again for
 *   ever: bound it with `config.attempts.maxAttempts`
 * - A frame counts as sent when the platform has it. If the connection then breaks it may not have
 *   left, and no `unsent` event tells of it; one that was refused is told
 * - `headers` need `headersSupported`. A relative URL is relative to the page
 *
 * A library that reconnects by itself must get a `ResilientWebSocket`: with this class each of its
 * reconnects leaves one more connection behind. New code should use `openWeb()`.
 *
 * ```ts
 * const socket = new ReconnectingWebSocket("wss://stream.example.com/ws");
 * socket.addEventListener("open", ({ isReconnect }) => socket.send(subscription(isReconnect)));
 * socket.addEventListener("message", ({ data }) => handle(data));
 * socket.addEventListener("close", ({ willReconnect, cause }) => alarm(willReconnect, cause));
 * ```
 */
export class ReconnectingWebSocket extends ReconnectingSocket<SocketBinaryType, SocketBinaryData> {
  /**
   * Starts to connect.
   *
   * @param url a `ws:`, `wss:`, `http:` or `https:` URL, or a function that is asked for one before
   *   every attempt. While it fails the socket is `CONNECTING`, and asks again
   * @param protocols subprotocols to offer, best first, or a function that is asked for them.
   *   Default none
   * @throws ConfigError with everything that is wrong with the options; a `DOMException`
   *   `SyntaxError` for a URL, subprotocols or headers that cannot be used, whose `cause` is a
   *   `WsError` (`URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID`)
   */
  constructor(url: UrlSource, protocols?: ProtocolsSource, options?: ReconnectingWebSocketOptions) {
    super(webSockets, url, protocols, options);
  }
}
