export type { BackfillOptions, FillRequest } from "./backfill/fill-options.js";
export type { JwtSigner } from "./auth/jwt-signer.js";
export type { BookOptions } from "./book/level2-book.js";
export { CoinbaseMarket } from "./coinbase-market.js";
export type { MarketOptions } from "./coinbase-market.js";
export { CoinbaseUser } from "./coinbase-user.js";
export type { SnapshotReason, UserOptions, UserUpdate } from "./coinbase-user.js";
export { MessageBudget } from "./feed/message-budget.js";
export type { MessageLimit } from "./feed/message-budget.js";
export { COINBASE_CONFIG, MARKET_URL, USER_URL } from "./feed/settings.js";
export type { HeartbeatOptions } from "./feed/settings.js";
export { refusalKind, refusalVerdict } from "./feed/venue-refusal.js";
export type { RefusalKind } from "./feed/venue-refusal.js";
export type { PayloadOf } from "./market/payload-of.js";
export type * from "./market/payloads.js";
export { parseTopicName } from "./market/topic-name.js";
export type { TopicName } from "./market/topic-name.js";
export type {
  ExpiringPosition,
  FuturesBalanceEvent,
  PerpetualPosition,
  UserEvent,
  UserOrder,
  UserPositions,
} from "./user/payloads.js";
