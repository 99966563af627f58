export { Alarm } from "./primitives/alarm.js";
export { collectIssues } from "./collect-issues.js";
export type { PartialConfig, ResilienceConfig } from "./config.js";
export { resolveConfig } from "./config.js";
export { ConnectionNames, nameFault } from "./core/connection-names.js";
export { RecvBuffer } from "./actor/recv-buffer.js";
export type { RecvBufferOptions } from "./actor/recv-buffer.js";
export { AttemptGate } from "./core/attempt-gate.js";
export type { AttemptGateOptions } from "./core/attempt-gate.js";
export type { AttemptLog } from "./core/attempt-log.js";
export type { Attempt } from "./core/gate-plan.js";
export type { AttemptLimit, Gate, GateRequest, GateTicket } from "./core/gate.js";
export { DEFAULT_RULES, defaultClassify } from "./core/default-classify.js";
export type { ClassifyRule } from "./core/default-classify.js";
export { SharedGate } from "./core/shared-gate.js";
export { TABLES } from "./core/tables.js";
export type { OnStep, TableStep } from "./core/tables.js";
export { StoreGate } from "./store-gate.js";
export type {
  AttemptStore,
  StoreAnswer,
  StoreGateOptions,
  StoreRequest,
} from "./store-gate.js";
export { INITIAL_SNAPSHOT } from "./core/initial-snapshot.js";
export { asWsError } from "./primitives/as-ws-error.js";
export { batchesOf } from "./primitives/batches.js";
export { cancelController } from "./primitives/cancel.js";
export type { CancelController } from "./primitives/cancel.js";
export { scheduleDeadline } from "./primitives/deadline.js";
export { CLOCK_ROUNDING_MS, ElapsedClock } from "./primitives/elapsed.js";
export { lendPayload } from "./primitives/inbound-frame.js";
export type { PayloadBorrower } from "./primitives/inbound-frame.js";
export { LastValue } from "./primitives/last-value.js";
export { LifecycleWatch } from "./primitives/lifecycle-watch.js";
export type { Activity, LifecycleWatchOptions } from "./primitives/lifecycle-watch.js";
export { ReadHalf } from "./primitives/read-half.js";
export type { FrameStore } from "./primitives/read-half.js";
export { FramePull, streamHalves } from "./primitives/stream-halves.js";
export type { StreamChunk, StreamHalves, StreamOptions } from "./primitives/stream-halves.js";
export { turnSpawn } from "./primitives/turn-spawn.js";
export type { TurnQueues } from "./primitives/turn-spawn.js";
export { SLEEP_LOOK_MS, waitClock } from "./primitives/wait-clock.js";
export type { WaitClock } from "./primitives/wait-clock.js";
export { boundedRetryAfter, parseRetryAfter } from "./primitives/retry-after.js";
export { withHalves } from "./primitives/with-halves.js";
export { numberFault, typeName } from "./number-fault.js";
export type { NumberRange } from "./number-fault.js";
export { checkKeys, unknownOptionIssues } from "./option-keys.js";
export { endpointIssues } from "./requested-endpoints.js";
export { seamIssues } from "./seam-issues.js";
export { connectOnce, stack } from "./stack.js";
export type { StackOptions } from "./stack.js";
