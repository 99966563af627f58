export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketLagEvent,
  SocketMessageEvent,
  SocketOpenEvent,
  SocketStaleEvent,
  SocketUnsentEvent,
  SocketWaitingEvent,
} from "@oath-ws/resilience/platform";
export type {
  Protocols,
  ProtocolsSource,
  SocketCloseInit,
  SocketEventMap,
  SocketSendData,
  UrlSource,
} from "@oath-ws/resilience/platform";
export {
  ReconnectingWebSocket,
  ReconnectingWebSocket as default,
} from "./reconnecting-web-socket.js";
export { ResilientWebSocket } from "./resilient-web-socket.js";
export type {
  ReconnectingWebSocketOptions,
  ResilientWebSocketOptions,
} from "./socket-options.js";
export type { SocketBinaryType } from "./web-sockets.js";
