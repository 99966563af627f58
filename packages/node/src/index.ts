// What a user of open() or build() needs, errors first. The parts that connectors and stacks are
// made of are in oath-ws/leaf, @oath-ws/resilience and @oath-ws/contract.
export {
  ConfigError,
  isConfigError,
  isTerminal,
  isWsError,
  WsError,
} from "@oath-ws/contract";
export type {
  AuthContext,
  AuthSource,
  BinaryFrame,
  Bind,
  BlindSpan,
  CancelSignal,
  ChangedOptions,
  Classify,
  ClassifyContext,
  CloseFrame,
  CloseInfo,
  ConfigIssue,
  ConnectionIdentity,
  ConnectionStats,
  ConnectOptions,
  ConnectRequest,
  DataFrame,
  DialPhase,
  EndpointAttempts,
  EndpointContext,
  EndpointSource,
  ErrorKind,
  FailureCount,
  Frame,
  FrameSource,
  Handshake,
  Lifecycle,
  LifecycleSnapshot,
  NewId,
  ObservedConnection,
  Phase,
  PingFrame,
  PongFrame,
  Random,
  ReadableOptions,
  ReceivedFrame,
  ReconnectingConnection,
  ReconnectingConnectOptions,
  ReconnectingConnector,
  ReconnectTrigger,
  SendOptions,
  SendOutcome,
  ShutdownOptions,
  StackErrorCode,
  TextFrame,
  Timer,
  TlsInfo,
  TraceEvent,
  Tracer,
  Verdict,
  WaitReason,
  WsConnector,
  WsControl,
  WsErrorInit,
  WsSink,
  WsSource,
} from "@oath-ws/contract";

// What speaks WebSocket, without the stack.
export { directConnector } from "./direct/direct-connector.js";
export { wsConnector } from "./ws/ws-connector.js";
export type {
  DirectConnectorOptions,
  WsConnectorOptions,
  WsDeflateOptions,
  WsOnlyOptions,
  WsSocketOptions,
  WsTlsOptions,
} from "./options/ws-connector-options.js";

// What venue adapters run on.
export { nodeRuntime, nodeRuntimeWith } from "./runtime/node-venue-runtime.js";
export type { NodeRuntime, NodeRuntimeOptions } from "./runtime/node-venue-runtime.js";
export type { StrictAnswer, StrictFetch, StrictRequest } from "./rest/strict-fetch.js";

// The parts of a connection that an option takes.
export { SharedAttemptGate } from "./runtime/shared-attempt-gate.js";
export type { SharedAttemptGateOptions } from "./runtime/shared-attempt-gate.js";
export { AttemptGate, defaultClassify, StoreGate } from "@oath-ws/resilience";
export type {
  Attempt,
  AttemptGateOptions,
  AttemptLimit,
  AttemptLog,
  AttemptStore,
  Gate,
  GateRequest,
  GateTicket,
  PartialConfig,
  ResilienceConfig,
  StoreAnswer,
  StoreGateOptions,
  StoreRequest,
} from "@oath-ws/resilience";

// The front door.
export { build } from "./build.js";
export type { BuildOptions } from "./build.js";
export { CONNECTION_CHANNEL, READER_CHANNEL, TRACE_CHANNEL } from "./runtime/diagnostics.js";
export type { ConnectionMessage, ReaderMessage } from "./runtime/diagnostics.js";
export { open } from "./open.js";
export type { OpenOptions } from "./open.js";
export { toNodeDuplex } from "./streams/to-node-duplex.js";
export { toWebStreams } from "@oath-ws/resilience/streams";
export type { WebStreams } from "@oath-ws/resilience/streams";
export type { StreamChunk, StreamOptions } from "@oath-ws/resilience";
