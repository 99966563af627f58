export { Feed } from "./feed.js";
export type { FeedConnection, FeedOptions } from "./feed.js";
export { firewallPasses } from "./firewall-passes.js";
export { followTopic } from "./follow-topic.js";
export type { TopicFollower } from "./follow-topic.js";
export { FreshnessWatchdog } from "./freshness-watchdog.js";
export type { Watched } from "./freshness-watchdog.js";
export { GapLog } from "./gap-record.js";
export type { GapReason, GapRecord } from "./gap-record.js";
export type { Grammar, Inbox, RefusalVerdict } from "./grammar.js";
export { Handover } from "./handover.js";
export type { HeldEvent } from "./handover.js";
export type { Keepalive } from "./keepalive.js";
export type { LinkOptions } from "./link.js";
export type { Login, LoginContext } from "./login.js";
export { mergeConfig } from "./merge-config.js";
export { numberIssues } from "./number-issues.js";
export type { NumberRule } from "./number-issues.js";
export { pauseMs } from "./retry-pause.js";
export type { PauseShape } from "./retry-pause.js";
export { ReconciledStream } from "./reconciled-stream.js";
export type { ReconciledStreamOptions } from "./reconciled-stream.js";
export { RecoveryGate } from "./recovery-gate.js";
export type { RecoveryContext, RecoveryGateOptions } from "./recovery-gate.js";
export type {
  ConnectorSettings,
  FetchAnswer,
  FetchRequest,
  StrictFetch,
  VenueRuntime,
} from "./runtime.js";
export type { Session } from "./session.js";
export type { RenewalOptions } from "./shard.js";
export { Subscription } from "./subscription.js";
export type { SubscribeOptions } from "./subscription.js";
export { SubscriptionRegistry } from "./subscription-registry.js";
export type { Command, CommandLimits } from "./subscription-registry.js";
export type { TopicEvent } from "./topic-event.js";
export { TopicReader } from "./topic-reader.js";
export type { TopicRules } from "./topic-rules.js";
export { isFinalTopicPhase } from "./topic-state.js";
export type { TopicPhase, TopicSnapshot } from "./topic-state.js";
export { TopicStream } from "./topic-stream.js";
export type { Overflow, StreamPolicy } from "./topic-stream.js";
export { TopicUpdates } from "./topic-updates.js";
export type { TopicUpdatesOptions } from "./topic-updates.js";
export { TopicWatch } from "./topic-watch.js";
export { unknownKeyIssues } from "./unknown-key-issues.js";
