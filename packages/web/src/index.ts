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
  ObservedConnection,
  ReconnectingConnector,
  SendOptions,
  Surroundings,
  SurroundingsEvent,
  TraceEvent,
  Tracer,
  WsConnector,
} from "@oath-ws/contract";
export { AttemptGate, defaultClassify, streamHalves } from "@oath-ws/resilience";
export { toWebStreams } from "@oath-ws/resilience/streams";
export type { WebStreams } from "@oath-ws/resilience/streams";
export type {
  Gate,
  PartialConfig,
  ResilienceConfig,
  StreamChunk,
  StreamHalves,
  StreamOptions,
} from "@oath-ws/resilience";

export { buildWeb } from "./build-web.js";
export type { BuildWebOptions } from "./build-web.js";
export { lingeringSockets } from "./give-up.js";
export { openWeb } from "./open-web.js";
export type { OpenWebOptions } from "./open-web.js";
export { resolveWebConfig, WEB_LIVENESS } from "./web-config.js";
export { webConnector } from "./web-connector.js";
export type { WebConnectorOptions } from "./web-connector-options.js";
export { webDiagnostics } from "./web-diagnostics.js";
export type { AnnouncedConnection, WebDiagnostics } from "./web-diagnostics.js";
export { webNewId, webRandom, webSpawn, webTimer } from "./web-runtime.js";
export { webSurroundings } from "./web-surroundings.js";
export type { WebSocketConstructorLike, WebSocketLike } from "./web-socket-like.js";
