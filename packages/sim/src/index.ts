export type {
  BinanceSim,
  BinanceSimRecord,
  LastIds,
  SimMarket,
} from "./binance/binance-sim.js";
export type { AccountOptions } from "./binance/api/account-options.js";
export type { AccountEvent, NewOrder, SimAccount } from "./binance/api/sim-account.js";
export type { SymbolSpec } from "./market/symbol-spec.js";
export type { DepthSnapshot } from "./market/symbol-market.js";
export type {
  BanOptions,
  BinanceSimOptions,
  KeepaliveOptions,
  LifetimeOptions,
  LimitOptions,
  MarketOptions,
  RecordOptions,
  ShutdownOptions,
} from "./binance/options.js";
export { loopbackAddress } from "./loopback-address.js";
export type { IdRange, SentRecord, SimRecord } from "./record.js";
export type { SimPlatform, SimPort, SimTimer } from "./platform.js";
export { startBinanceSim } from "./binance/start.js";
export type {
  ConnectRecord,
  DisconnectCounts,
  Endpoint,
  RefusalReason,
  SimStats,
  SubscriptionRecord,
} from "./binance/stats.js";
export type { CoinbaseAccount, CoinbaseOrder } from "./coinbase/account.js";
export type { Channel as CoinbaseChannel } from "./coinbase/channels.js";
export type { CoinbaseFault, CoinbaseFaults } from "./coinbase/coinbase-fault.js";
export type { CoinbaseSim, CoinbaseSimBook, CoinbaseSimMarket } from "./coinbase/coinbase-sim.js";
export type {
  CoinbaseAccountOptions,
  CoinbaseLimitOptions,
  CoinbaseSimOptions,
  CoinbaseWireOptions,
} from "./coinbase/options.js";
export { startCoinbaseSim } from "./coinbase/start.js";
export type {
  CoinbaseAppliedFault,
  CoinbaseConnect,
  CoinbaseDisconnects,
  CoinbaseEndpoint,
  CoinbaseRequest,
  CoinbaseSimStats,
  CoinbaseSubscriptions,
} from "./coinbase/stats.js";
export type { IbkrAccount, IbkrNewOrder } from "./ibkr/account/account.js";
export type { IbkrExecution, IbkrOrder } from "./ibkr/account/account-change.js";
export type { IbkrCommonFault, IbkrFault, IbkrFaults } from "./ibkr/ibkr-fault.js";
export type {
  IbkrNotification,
  IbkrSim,
  IbkrSimMarket,
  IbkrSimRecord,
  IbkrSimSession,
} from "./ibkr/ibkr-sim.js";
export type { TradingState as IbkrTradingState } from "./ibkr/market/instrument.js";
export type {
  IbkrAccountOptions,
  IbkrFaultTarget,
  IbkrInstrument,
  IbkrLimitOptions,
  IbkrMarketOptions,
  IbkrPace,
  IbkrPacingOptions,
  IbkrRecordOptions,
  IbkrScriptedFault,
  IbkrSessionOptions,
  IbkrSimOptions,
  IbkrWireOptions,
} from "./ibkr/options.js";
export type { SessionState as IbkrSessionState } from "./ibkr/session/session-state.js";
export { startIbkrSim } from "./ibkr/start.js";
export type {
  IbkrAppliedFault,
  IbkrCommand,
  IbkrConnect,
  IbkrDisconnects,
  IbkrLogin,
  IbkrOutcome,
  IbkrRequest,
  IbkrSimStats,
  IbkrSubscriptions,
} from "./ibkr/stats.js";
export type {
  AppliedFault,
  Fault,
  FaultTarget,
  FaultTrigger,
  ScriptedFault,
} from "./faults/fault.js";
export type { Faults } from "./faults/faults.js";
export { SimOptionError } from "./option-error.js";
export {
  type FaultProxy,
  type FaultProxyOptions,
  type ProxyScope,
  startFaultProxy,
} from "./proxy/fault-proxy.js";
export type { ProxyDirection, ProxyRules } from "./proxy/proxy-rules.js";
export type { ProxyStats } from "./proxy/proxy-tally.js";
export type { VenueCounts } from "./venue-counts.js";
export type {
  CommonMarketOptions as CoinbaseMarketOptions,
  SimTlsOptions,
} from "./venue-options.js";
