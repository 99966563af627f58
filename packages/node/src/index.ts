// What @oath-ws/contract exports, in full: whoever installs oath-ws needs no second package.
export {
  ConfigError,
  isConfigError,
  isTerminal,
  isWsError,
  urlFault,
  urlHost,
  urlOrigin,
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
  DataFrame,
  DialPhase,
  ErrorKind,
  FailureCount,
  Frame,
  Handshake,
  LeafConnection,
  LeafEvents,
  LeafFrame,
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
  Spawn,
  StackErrorCode,
  Task,
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

// The leaves and the runtime.
export { directConnector } from "./direct/direct-connector.js";
export { fromNodeError, NODE_ERROR_RULES } from "./errors/from-node-error.js";
export type { NodeErrorRule } from "./errors/from-node-error.js";
export { nodeBind, nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "./runtime/node-runtime.js";
export { nodeRuntime, nodeRuntimeWith } from "./runtime/node-venue-runtime.js";
export type { NodeRuntime, NodeRuntimeOptions } from "./runtime/node-venue-runtime.js";
export { SharedAttemptGate } from "./runtime/shared-attempt-gate.js";
export type { SharedAttemptGateOptions } from "./runtime/shared-attempt-gate.js";
export type { StrictAnswer, StrictFetch, StrictRequest } from "./rest/strict-fetch.js";
export { wsConnector } from "./ws/ws-connector.js";
export type {
  DirectConnectorOptions,
  WsConnectorOptions,
  WsDeflateOptions,
  WsSocketOptions,
  WsOnlyOptions,
  WsTlsOptions,
} from "./options/ws-connector-options.js";

// What @oath-ws/resilience exports, in full.
export {
  Alarm,
  AttemptGate,
  boundedRetryAfter,
  cancelController,
  ConnectionNames,
  DEFAULT_RULES,
  defaultClassify,
  INITIAL_SNAPSHOT,
  LastValue,
  LifecycleWatch,
  nameFault,
  parseRetryAfter,
  ReadHalf,
  resolveConfig,
  stack,
  StoreGate,
  turnSpawn,
} from "@oath-ws/resilience";
export type {
  Activity,
  Attempt,
  AttemptGateOptions,
  AttemptLimit,
  AttemptLog,
  AttemptStore,
  Gate,
  GateRequest,
  GateTicket,
  CancelController,
  ClassifyRule,
  FrameStore,
  LifecycleWatchOptions,
  PartialConfig,
  ResilienceConfig,
  StackOptions,
  StoreAnswer,
  StoreGateOptions,
  StoreRequest,
  TurnQueues,
} from "@oath-ws/resilience";

// The stack over a leaf.
export { build } from "./build.js";
export type { BuildOptions } from "./build.js";
export { CONNECTION_CHANNEL, TRACE_CHANNEL } from "./runtime/diagnostics.js";
export type { ConnectionMessage } from "./runtime/diagnostics.js";
export { open } from "./open.js";
export type { OpenOptions } from "./open.js";
