export type { Protocols, ProtocolsSource, UrlSource } from "./address.js";
export type { SocketBinaryType, SocketSendData } from "./payload.js";
export {
  ReconnectingWebSocket,
  ReconnectingWebSocket as default,
} from "./reconnecting-web-socket.js";
export { ResilientWebSocket } from "./resilient-web-socket.js";
export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketLagEvent,
  SocketMessageEvent,
  SocketOpenEvent,
  SocketStaleEvent,
  SocketUnsentEvent,
  SocketWaitingEvent,
} from "./socket-events.js";
export type { SocketCloseInit, SocketEventMap, SocketMessageData } from "./socket-events.js";
export type {
  ReconnectingWebSocketOptions,
  ResilientWebSocketOptions,
} from "./socket-options.js";
