export type { BookSide } from "./book/book-levels.js";
export type {
  BookChanges,
  BookChecksum,
  BookImage,
  BookRule,
  TopLevels,
} from "./book/book-rule.js";
export { BookTurns } from "./book/book-turns.js";
export type { BookLossReason, BookUpdate } from "./book/book-update.js";
export { BookWriter } from "./book/book-writer.js";
export type { BookWriterOptions } from "./book/book-writer.js";
export { crc32 } from "./book/crc32.js";
export {
  compareDecimals,
  DecimalError,
  isPrice,
  isQuantity,
  isZero,
  parseDecimal,
} from "./book/decimal.js";
export type { Decimal } from "./book/decimal.js";
export { keepBook } from "./book/keep-book.js";
export type { KeepBookOptions } from "./book/keep-book.js";
export type { Level } from "./book/level-side.js";
export { objectLevels, pairLevels } from "./book/level-source.js";
export type { LevelDraft, LevelSource } from "./book/level-source.js";
export { OrderBook } from "./book/order-book.js";
export type { BookView, LevelPair } from "./book/order-book.js";
export { answerOf } from "./connection/call-outcome.js";
export type {
  CallAnswer,
  CallOutcome,
  CallContext,
  LateAnswers,
} from "./connection/call-outcome.js";
export { Calls } from "./calls/calls.js";
export type { CallBudget, CallOptions, CallsOptions } from "./calls/calls.js";
export { ClientIds } from "./calls/client-ids.js";
export type { ClientIdFormat, ClientIdsOptions } from "./calls/client-ids.js";
export { OrderCalls } from "./calls/order-calls.js";
export type { OrderCall, OrderCallsOptions } from "./calls/order-calls.js";
export type { OrderFate, OrderFinding, PlaceOutcome } from "./calls/order-fate.js";
export { Feed } from "./feed/feed.js";
export type { FeedConnection, FeedOptions } from "./feed/feed.js";
export { firewallPasses } from "./connection/firewall-passes.js";
export { ClockOffset } from "./topic/clock-offset.js";
export type { EventAge, HandedEvent, StreamListener } from "./topic/event-age.js";
export { followTopic } from "./recovery/follow-topic.js";
export type { TopicFollower } from "./recovery/follow-topic.js";
export { GapLog } from "./topic/gap-record.js";
export type { GapReason, GapRecord } from "./topic/gap-record.js";
export type { EpochContext, EpochSession } from "./connection/epoch-context.js";
export type { EpochOptions } from "./connection/epoch-sessions.js";
export type { Grammar, Inbox, RefusalVerdict, Words } from "./connection/grammar.js";
export type { HeartbeatOptions } from "./connection/heartbeat.js";
export type { BeforeSend, SendContext, SendOptions } from "./connection/message-sender.js";
export { RollingLimit } from "./connection/rolling-limit.js";
export type { RollingLimitOptions } from "./connection/rolling-limit.js";
export type { SendLimiter } from "./connection/send-limiter.js";
export { VenueStatus } from "./connection/venue-status.js";
export type { VenueState, VenueStatusSnapshot } from "./connection/venue-status.js";
export type { OnRenewalEnd, RenewalEnd } from "./feed/renewal-end.js";
export type { ChannelLimits, TopicLimits } from "./feed/topic-limits.js";
export { Handover } from "./topic/handover.js";
export type { HeldEvent } from "./topic/handover.js";
export type { Keepalive } from "./connection/keepalive.js";
export type { VenueOptions } from "./connection/link-options.js";
export { LINK_TRANSITIONS } from "./connection/link-table.js";
export type { LinkInput, LinkState, LinkStep, OnLinkStep } from "./connection/link-table.js";
export type { Login, LoginContext } from "./connection/login.js";
export {
  baseUrl,
  callback,
  checkOptions,
  choice,
  count,
  duration,
  each,
  flag,
  group,
  must,
  number,
  objectWith,
  optionIssues,
  required,
  rising,
  runtimeWith,
  settingsOver,
  socketUrl,
  text,
  unchecked,
} from "./options/option-rules.js";
export type { OptionRule, OptionRules } from "./options/option-rules.js";
export { elapsedTimer, waitTimer } from "./options/elapsed-timer.js";
export type { ElapsedTimer } from "./options/elapsed-timer.js";
export { orderReader } from "./market/account-orders.js";
export { exactText } from "./market/exact-text.js";
export { notOffered } from "./market/market-data.js";
export type { BookReadOptions, MarketData, OrderUpdates } from "./market/market-data.js";
export { MarketReader } from "./market/market-reader.js";
export type { MarketReaderOptions } from "./market/market-reader.js";
export { marketSource } from "./market/market-source.js";
export type { Mapping, MarketSource } from "./market/market-source.js";
export type {
  Fill,
  MarketFact,
  Order,
  OrderEvent,
  OrderStatus,
  Quote,
  Side,
  Trade,
} from "./market/model.js";
export { MarketReaders } from "./market/market-readers.js";
export type { OpenStreams } from "./market/market-readers.js";
export { SymbolBoard } from "./market/symbol-board.js";
export type { OpenSymbol } from "./market/symbol-board.js";
export { symbolReader } from "./market/symbol-reader.js";
export type { LeadSummary, LineScore } from "./lines/arrival-race.js";
export type { Backfill } from "./lines/gap-filler.js";
export { fillGaps } from "./lines/fill-gaps.js";
export type { FillOptions } from "./lines/fill-gaps.js";
export { fillGapsByTime } from "./lines/fill-by-time.js";
export type { TimeFillOptions } from "./lines/fill-by-time.js";
export type { RecordRules, TimeRange } from "./lines/record-rules.js";
export { TimeFilledSubscription } from "./lines/time-filled-subscription.js";
export type { TimeBackfill } from "./lines/time-joiner.js";
export type { IdRange } from "./lines/id-ranges.js";
export type { JoinOptions } from "./lines/join-options.js";
export { JoinedSubscription } from "./lines/joined-subscription.js";
export type { LineReport } from "./lines/joined-subscription.js";
export { ArrivalRace } from "./lines/arrival-race.js";
export { redundant } from "./lines/redundant.js";
export { mergeConfig } from "./options/merge-config.js";
export type { PatienceShape } from "./connection/mute-patience.js";
export type { MuteRule } from "./feed/mute-watch.js";
export { numberIssues } from "./options/number-issues.js";
export type { NumberRule } from "./options/number-issues.js";
export { pauseMs, RetryPause } from "./connection/retry-pause.js";
export type { PauseShape } from "./connection/retry-pause.js";
export { ReconciledStream } from "./recovery/reconciled-stream.js";
export type { ReconciledStreamOptions } from "./recovery/reconciled-stream.js";
export { RecoveryGate } from "./recovery/recovery-gate.js";
export type { RecoveryContext, RecoveryGateOptions } from "./recovery/recovery-gate.js";
export type {
  ConnectorSettings,
  FetchAnswer,
  FetchRequest,
  OrderRuntime,
  StrictFetch,
  VenueRuntime,
} from "./options/runtime.js";
export { RhythmWatch } from "./connection/rhythm-watch.js";
export type { RhythmWatchOptions } from "./connection/rhythm-watch.js";
export { AdmissionQueue } from "./rest/admission-queue.js";
export type { AdmissionOptions, AdmissionRule } from "./rest/admission-queue.js";
export { VenueClock } from "./rest/venue-clock.js";
export { withinTime } from "./rest/within-time.js";
export type { RequestBounds } from "./rest/within-time.js";
export { IdOrder, RESET_DISTANCE } from "./topic/id-order.js";
export type { IdHole, IdVerdict } from "./topic/id-order.js";
export type { Session } from "./topic/session.js";
export type { RenewalOptions } from "./feed/renewal-options.js";
export { Subscription } from "./topic/subscription.js";
export type { SubscribeOptions } from "./topic/subscription.js";
export { SubscriptionRegistry } from "./connection/subscription-registry.js";
export type { Command, CommandLimits } from "./connection/subscription-registry.js";
export type { TopicEvent } from "./topic/topic-event.js";
export type { ObservedReader, ReaderKind } from "./topic/observed-reader.js";
export { TopicReader } from "./topic/topic-reader.js";
export type { TopicRules } from "./topic/topic-rules.js";
export { flows, isFinalTopicPhase } from "./topic/topic-state.js";
export type { TopicPhase, TopicSnapshot } from "./topic/topic-state.js";
export { TopicStream } from "./topic/topic-stream.js";
export type { StreamPolicy } from "./topic/topic-stream.js";
export type { Overflow } from "./topic/event-ring.js";
export { TopicUpdates } from "./topic/topic-updates.js";
export type { TopicUpdatesOptions } from "./topic/topic-updates.js";
export { TopicWatch } from "./topic/topic-watch.js";
export { unknownKeyIssues } from "./options/unknown-key-issues.js";
export { asciiText } from "./bytes/ascii-text.js";
export { ByteCursor } from "./bytes/byte-cursor.js";
export { ByteTable } from "./bytes/byte-table.js";
export type { ByteEntry } from "./bytes/byte-table.js";
export { isLiteral, Literal } from "./bytes/literal.js";
