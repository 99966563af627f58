export type { Protocols, ProtocolsSource, UrlSource } from "./address.js";
export type { SocketBinaryType, SocketSendData } from "./payload.js";
export {
  ReconnectingWebSocket,
  ReconnectingWebSocket as default,
} from "./reconnecting-web-socket.js";
export type { ReconnectingWebSocketOptions } from "./reconnecting-web-socket-options.js";
export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketLagEvent,
  SocketMessageEvent,
  SocketOpenEvent,
  SocketStaleEvent,
} from "./socket-events.js";
export type { SocketCloseInit, SocketEventMap, SocketMessageData } from "./socket-events.js";
