import { ReconnectingSocket } from "@oath-ws/resilience/platform";
import type { ProtocolsSource, UrlSource } from "@oath-ws/resilience/platform";
import { nodeSockets } from "./node-sockets.js";
import type { SocketBinaryData, SocketBinaryType } from "./node-sockets.js";
import type { ReconnectingWebSocketOptions } from "./socket-options.js";

/**
 * A WebSocket that reconnects, in the shape of the standard one. It is for applications that use
 * `ws` by its events, reconnecting-websocket or partysocket, and want the resilience stack without
 * being rewritten. A library that reconnects by itself must get a `ResilientWebSocket` instead:
 * with this class each of its reconnects leaves one more connection behind. New code should use
 * `open()`, whose sends tell what became of them and whose reader sets the pace.
 *
 * ```ts
 * const socket = new ReconnectingWebSocket("wss://stream.example.com/ws");
 * socket.addEventListener("open", ({ isReconnect }) => socket.send(subscription(isReconnect)));
 * socket.addEventListener("message", ({ data }) => handle(data));
 * socket.addEventListener("close", ({ willReconnect, cause }) => alarm(willReconnect, cause));
 * ```
 *
 * **Events.** `open` for every connection, the first and each later one. `message`. `close` for
 * every connection that ends, as reconnecting-websocket has it, and once at the very end with
 * `willReconnect: false`; so each `open` has its `close`, and all messages of a connection come
 * between the two. `error` for every failed attempt, every connection that broke, and a `close()`
 * while there is no connection; a peer that closes politely is no error. `unsent` for every frame
 * that was accepted by `send()` and did not leave (`EPOCH_ENDED`), or whose fate is not known
 * (`SEND_FATE_UNKNOWN`). `waiting` when the next attempt has to wait for the attempt gate or for a
 * `Retry-After`. `stale` when nothing arrives any more, `lag` when messages were dropped. Watch
 * `lifecycle` for what decisions hang on: it cannot be missed, where an event can.
 *
 * **State.** `readyState` is what the events have told: `CONNECTING` while down, `OPEN` from `open`
 * to `close`, `CLOSING` after `close()`, `CLOSED` when it is over, for which see
 * `close.willReconnect`. A socket that is over stays over: make a new one.
 *
 * **Sending.** `send()` throws unless the socket is `OPEN`, also in states in which the standard
 * drops the frame in silence, and the frame belongs to the connection whose `open` was last told:
 * if that is lost first, there is an `unsent` event and no second try. `whileDown: "wait"` is the
 * exception to both, if you ask for it.
 *
 * **Listeners** run synchronously, one message after the other, so there is nothing between them
 * and the socket that could grow; a listener that blocks holds up the whole process, and one that
 * is `async` is not waited for. One that throws does not disturb the others or the connection; the
 * exception becomes an `uncaughtException`, as with every `EventTarget` of Node. No promise of this
 * class rejects unhandled, and after `close()` nothing of it keeps the process alive.
 */
export class ReconnectingWebSocket extends ReconnectingSocket<SocketBinaryType, SocketBinaryData> {
  /**
   * Starts to connect.
   *
   * @param url an absolute `ws:`, `wss:`, `http:` or `https:` URL, or a function that is asked for
   *   one before every attempt. While it fails the socket is `CONNECTING`, and asks again
   * @param protocols subprotocols to offer, best first, or a function that is asked for them.
   *   Default none
   * @throws ConfigError with everything that is wrong with the options; a `DOMException`
   *   `SyntaxError` for a URL, subprotocols or headers that cannot be used, whose `cause` is a
   *   `WsError` (`URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID`)
   */
  constructor(url: UrlSource, protocols?: ProtocolsSource, options?: ReconnectingWebSocketOptions) {
    super(nodeSockets, url, protocols, options);
  }
}
