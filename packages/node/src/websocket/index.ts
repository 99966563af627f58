import { SocketMessageEvent as AnySocketMessageEvent } from "@oath-ws/resilience/platform";
import type { SocketEventMap as AnySocketEventMap } from "@oath-ws/resilience/platform";
import type { SocketBinaryData } from "./node-sockets.js";

export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketLagEvent,
  SocketOpenEvent,
  SocketStaleEvent,
  SocketUnsentEvent,
  SocketWaitingEvent,
} from "@oath-ws/resilience/platform";
export type {
  Protocols,
  ProtocolsSource,
  SocketCloseInit,
  SocketSendData,
  UrlSource,
} from "@oath-ws/resilience/platform";
export type { SocketBinaryType } from "./node-sockets.js";
export {
  ReconnectingWebSocket,
  ReconnectingWebSocket as default,
} from "./reconnecting-web-socket.js";
export { ResilientWebSocket } from "./resilient-web-socket.js";
export type {
  ReconnectingWebSocketOptions,
  ResilientWebSocketOptions,
} from "./socket-options.js";

/** A message arrived. */
export const SocketMessageEvent: typeof AnySocketMessageEvent = AnySocketMessageEvent;
/** A message arrived. */
export type SocketMessageEvent = AnySocketMessageEvent<SocketBinaryData>;

/** The payload of a message: a string for text; for binary what `binaryType` says. */
export type SocketMessageData = SocketMessageEvent["data"];

/** The events of a `ReconnectingWebSocket` and of a `ResilientWebSocket` by type. */
export type SocketEventMap = AnySocketEventMap<SocketBinaryData>;
