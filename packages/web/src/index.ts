// What a user of openWeb() meets. The rest of the vocabulary is in @oath-ws/contract and
// @oath-ws/resilience.
export { ConfigError, isConfigError, isTerminal, isWsError, WsError } from "@oath-ws/contract";
export type {
  AuthSource,
  Classify,
  ConnectRequest,
  EndpointContext,
  EndpointSource,
  Handshake,
  LeafConnection,
  LeafEvents,
  Lifecycle,
  LifecycleSnapshot,
  Phase,
  ReceivedFrame,
  ReconnectingConnection,
  ReconnectingConnector,
  SendOptions,
  Surroundings,
  SurroundingsEvent,
  Tracer,
  WsConnector,
} from "@oath-ws/contract";
export { AttemptGate, defaultClassify } from "@oath-ws/resilience";
export type { Gate, PartialConfig, ResilienceConfig } from "@oath-ws/resilience";

export { buildWeb } from "./build-web.js";
export type { BuildWebOptions } from "./build-web.js";
export { lingeringSockets } from "./give-up.js";
export { openWeb } from "./open-web.js";
export type { OpenWebOptions } from "./open-web.js";
export { resolveWebConfig, WEB_LIVENESS } from "./web-config.js";
export { webConnector } from "./web-connector.js";
export type { WebConnectorOptions } from "./web-connector-options.js";
export { webNewId, webRandom, webSpawn, webTimer } from "./web-runtime.js";
export { webSurroundings } from "./web-surroundings.js";
export type { WebSocketConstructorLike, WebSocketLike } from "./web-socket-like.js";
