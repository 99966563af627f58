export type { BackfillOptions, FillOptions, FillRequest } from "./backfill/fill-options.js";
export { BinanceMarket } from "./binance-market.js";
export { BinanceTrading } from "./binance-trading.js";
export type { TradingOptions } from "./binance-trading.js";
export type { MarketOptions } from "./feed/market-options.js";
export { BinanceUserData } from "./binance-user-data.js";
export type { Reconcile, UserDataOptions, UserDataUpdate } from "./binance-user-data.js";
export type { BookOptions } from "./book/depth-book.js";
export { MARKET_CONFIG, MARKET_URL, RENEWAL, SBE_URL } from "./feed/market-settings.js";
export type * from "./market/payloads.js";
export type { PayloadOf } from "./market/payload-of.js";
export { parseStreamName } from "./market/stream-name.js";
export type { Encoding, StreamName } from "./market/stream-name.js";
export { streamRules } from "./market/stream-rules.js";
export type { IdRange, Silence, StreamRules } from "./market/stream-rules.js";
export type { ApiRequest } from "./orders/api-caller.js";
export type * from "./orders/order-payloads.js";
export { signaturePayload } from "./rest/signed-request.js";
export type { Signer } from "./rest/signed-request.js";
export type {
  Mantissa,
  Scale,
  ScaledAggTrade,
  ScaledBestBidAsk,
  ScaledBookTicker,
  ScaledDepthUpdate,
  ScaledLevels,
  ScaledOf,
  ScaledPartialDepth,
  ScaledTrade,
} from "./market/scaled-payloads.js";
export { WeightBudget } from "./rest/weight-budget.js";
export type { WeightLimit } from "./rest/weight-budget.js";
export type { AccountSnapshot, OpenOrder } from "./user-data/account-snapshot.js";
export { apiVerdict } from "./rest/api-error.js";
export type { ApiVerdict } from "./rest/api-error.js";
export type { Credentials } from "./user-data/credentials.js";
export type * from "./user-data/user-data-events.js";
export type { LoginMode } from "./user-data/user-data-login.js";
export { USER_DATA_CONFIG, USER_DATA_URL } from "./user-data/user-data-settings.js";
