export { FIELD_IDS } from "./market/field-ids.js";
export type { Field, FieldName } from "./market/field-ids.js";
export { Quote } from "./market/quote.js";
export type { FieldValue, LastKind, Timeliness } from "./market/quote.js";
export type * from "./market/payloads.js";
export { IbkrClient } from "./ibkr-client.js";
export type { IbkrOptions } from "./feed/client-options.js";
export { IbkrTrading } from "./ibkr-trading.js";
export type { TradingOptions } from "./ibkr-trading.js";
export type * from "./orders/order-requests.js";
export type { LineOptions } from "./feed/market-lines.js";
export type { IbkrPayload, PayloadByKind, PayloadOf } from "./feed/payload-of.js";
export type { PulseOptions } from "./feed/pulse.js";
export { IBKR_CONFIG, IBKR_URL } from "./feed/settings.js";
export { parseTopicName } from "./feed/topic-name.js";
export type { TopicKind, TopicName } from "./feed/topic-name.js";
export type { HistoryRequest, TopicOptions } from "./feed/topic-options.js";
export type {
  OrderOptions,
  OrderStream,
  OrderUpdate,
  ReconcileOrders,
} from "./orders/order-stream.js";
export { PACES } from "./rest/paces.js";
export type { Pace, PacingOptions } from "./rest/paces.js";
export type { RequestSigner, RestRequest } from "./rest/rest-client.js";
export type { AuthForm } from "./session/auth-form.js";
export type { BrokerageStatus } from "./session/session-bodies.js";
export { SessionKeeper } from "./session/session-keeper.js";
export type { ShownSession } from "./session/session-keeper.js";
export { REST_URL } from "./session/session-options.js";
export type { SessionOptions } from "./session/session-options.js";
export { SESSION_TABLE } from "./session/session-table.js";
export type {
  SessionEffect,
  SessionInput,
  SessionPhase,
  SessionStep,
} from "./session/session-table.js";
export type { SessionSnapshot, SessionWatch } from "./session/session-watch.js";
