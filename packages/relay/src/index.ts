export { relay } from "./relay.js";
export type { Relay } from "./relay.js";
export { fromRelay } from "./from-relay.js";
export type { FromRelayOptions, RelayOptions, RelaySeams } from "./relay-options.js";
export { relayGate } from "./gate/relay-gate.js";
export type { RelayGate, RelayGateOptions } from "./gate/relay-gate.js";
export type { NatsOptions } from "./engine/nats-options.js";
export type { StreamSettings } from "./engine/open-nats.js";
export type {
  EngineListener,
  KeyEntry,
  KeyStore,
  ReadFrom,
  ReadSink,
  RelayEngine,
  StoredMessage,
  StreamEnds,
} from "./engine/engine.js";
export type { RelayErrorCode } from "./engine/relay-error.js";
export type { RelaySnapshot } from "./owner/owner.js";
export { OWNER_TABLE } from "./owner/owner-table.js";
export type { OwnerEffect, OwnerInput, OwnerState, OwnerStep } from "./owner/owner-table.js";
export { FOLLOWER_TABLE } from "./reader/follower-table.js";
export type {
  FollowerEffect,
  FollowerInput,
  FollowerState,
  FollowerStep,
} from "./reader/follower-table.js";
export { RelayConnection } from "./reader/relay-connection.js";
export type { RelaySubscribeOptions } from "./reader/relay-connection.js";
export type { HandedItem, HandedTopic, RelayPosition } from "./reader/position.js";
export type { RelayProgress } from "./reader/relay-progress.js";
export type { RelayedBookUpdate } from "./reader/relay-book.js";
export type { FeedTopics, RelayFeed } from "./source/feed-source.js";
