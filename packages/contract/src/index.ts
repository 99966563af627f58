export type { AuthContext, AuthSource } from "./auth.js";
export type { CancelSignal } from "./cancel-signal.js";
export type { Classify, ClassifyContext, Verdict } from "./classify.js";
export type {
  ConnectOptions,
  DialPhase,
  Handshake,
  LeafConnection,
  LeafEvents,
  ObservedConnection,
  ReconnectingConnection,
  ReconnectingConnectOptions,
  ReconnectingConnector,
  TlsInfo,
  WsConnector,
} from "./connector.js";
export type { ReconnectTrigger, ShutdownOptions, WsControl } from "./control.js";
export type { ConnectRequest, EndpointContext, EndpointSource } from "./endpoints.js";
export { ConfigError, isConfigError, isWsError, WsError } from "./errors.js";
export type { CloseInfo, ConfigIssue, ErrorKind, StackErrorCode, WsErrorInit } from "./errors.js";
export type {
  BinaryFrame,
  CloseFrame,
  DataFrame,
  Frame,
  FrameCopy,
  LeafFrame,
  PingFrame,
  PongFrame,
  ReceivedFrame,
  TextFrame,
} from "./frame.js";
export type { ConnectionIdentity } from "./identity.js";
export { isTerminal } from "./lifecycle.js";
export type {
  BlindSpan,
  ChangedOptions,
  Lifecycle,
  LifecycleSnapshot,
  Phase,
  WaitReason,
} from "./lifecycle.js";
export type {
  Bind,
  NewId,
  Random,
  Spawn,
  Surroundings,
  SurroundingsEvent,
  Task,
  Timer,
} from "./runtime.js";
export type { SendOptions, SendOutcome, WsSink } from "./sink.js";
export type { FrameSource, ReadableOptions, WsSource } from "./source.js";
export type { ConnectionStats, EndpointAttempts, FailureCount } from "./stats.js";
export type { TraceEvent, Tracer } from "./tracer.js";
export { urlFault, urlHost, urlOrigin, urlsFaults } from "./url.js";
