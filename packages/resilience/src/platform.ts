// What is made of objects that the platform has and Node and browsers share: the parts of the
// drop-in classes of `oath-ws/websocket` and `@oath-ws/web/websocket`. It needs `Event`,
// `EventTarget`, `DOMException`, `Blob` and `URL`, and does no I/O.
export type { Protocols, ProtocolsSource, UrlSource } from "./websocket/address.js";
export { STANDARD_BINARY_TYPES } from "./websocket/payload.js";
export type { BinaryTypes, SocketSendData, StandardBinaryType } from "./websocket/payload.js";
export { ReconnectingSocket } from "./websocket/reconnecting-socket.js";
export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketLagEvent,
  SocketMessageEvent,
  SocketOpenEvent,
  SocketStaleEvent,
  SocketUnsentEvent,
  SocketWaitingEvent,
} from "./websocket/socket-events.js";
export type { SocketCloseInit, SocketEventMap } from "./websocket/socket-events.js";
export type {
  PlatformOptions,
  ReconnectingSocketFields,
  ResilientSocketFields,
  SocketFields,
} from "./websocket/socket-options.js";
export type { SocketParts, SocketPlatform } from "./websocket/socket-platform.js";
export { StandardSocket } from "./websocket/standard-socket.js";
