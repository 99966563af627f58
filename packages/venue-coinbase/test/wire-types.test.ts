import type {
  Candle,
  ExpiringPosition,
  PerpetualPosition,
  Product,
  Ticker,
  TickerSummary,
  Trade,
  UserOrder,
  UserPositions,
} from "@oath-ws/venue-coinbase";
import { describe, expect, it } from "vitest";
import { begun } from "./support/dialect-rig.js";

/** The keys that a type requires. */
type Required<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];
/** Compiles only for objects with the type's fields: no one more, and no required one less. */
function exact<T>() {
  return <const Shape extends T>(
    shape: Shape & Record<Exclude<keyof Shape, keyof T>, never> & Record<Required<T>, unknown>,
  ): Shape => shape;
}

// Shapes as they are on the wire, with values of our own.
const ORDER = exact<UserOrder>()({
  avg_price: "0",
  cancel_reason: "",
  client_order_id: "c-1",
  completion_percentage: "0.00",
  contract_expiry_type: "UNKNOWN_CONTRACT_EXPIRY_TYPE",
  creation_time: "2026-09-30T02:37:14.089808Z",
  cumulative_quantity: "0",
  end_time: "0001-01-01T00:00:00Z",
  filled_value: "0",
  leaves_quantity: "0.01",
  limit_price: "60000",
  number_of_fills: "0",
  order_id: "o-1",
  order_side: "BUY",
  order_type: "Limit",
  outstanding_hold_amount: "603.6",
  post_only: "false",
  product_id: "BTC-USD",
  product_type: "SPOT",
  reject_reason: "",
  retail_portfolio_id: "p-1",
  risk_managed_by: "UNKNOWN_RISK_MANAGEMENT_TYPE",
  start_time: "0001-01-01T00:00:00Z",
  status: "OPEN",
  stop_price: "",
  time_in_force: "GOOD_UNTIL_CANCELLED",
  total_fees: "0",
  total_value_after_fees: "603.6",
  trigger_status: "INVALID_ORDER_TYPE",
});

const PERPETUAL = exact<PerpetualPosition>()({
  product_id: "XRP-PERP-INTX",
  portfolio_uuid: "p-1",
  position_side: "Long",
  net_size: "100",
  buy_order_size: "0",
  sell_order_size: "0",
  im_contribution: "241.38",
  unrealized_pnl: "3.62",
  mark_price: "2.4174",
  liquidation_price: "1.8521",
  leverage: "10",
  entry_vwap: "2.4138",
});

const EXPIRING = exact<ExpiringPosition>()({
  product_id: "BIT-28FEB25-CDE",
  side: "LONG",
  number_of_contracts: "2",
  realized_pnl: "0",
  unrealized_pnl: "-3.1",
  entry_price: "62000",
});

const POSITIONS = exact<UserPositions>()({
  perpetual_futures_positions: [PERPETUAL],
  expiring_futures_positions: [EXPIRING],
  prediction_market_positions: [],
});

const SUMMARY = exact<TickerSummary>()({
  type: "ticker",
  product_id: "BTC-USD",
  price: "63211.05",
  volume_24_h: "8038.07",
  low_24_h: "62000",
  high_24_h: "64000.5",
  low_52_w: "15460",
  high_52_w: "98240",
  price_percent_chg_24_h: "-1.15",
});

const TICKER = exact<Ticker>()({
  ...SUMMARY,
  best_bid: "63211.04",
  best_bid_quantity: "0.5",
  best_ask: "63211.06",
  best_ask_quantity: "0.25",
});

const CANDLE = exact<Candle>()({
  start: "1688998200",
  high: "1867.72",
  low: "1865.63",
  open: "1867.38",
  close: "1866.81",
  volume: "0.2",
  product_id: "BTC-USD",
});

const TRADE = exact<Trade>()({
  product_id: "BTC-USD",
  trade_id: "22381691",
  price: "2375.56",
  size: "0.5",
  time: "2026-09-30T07:13:31.088388Z",
  side: "BUY",
});

const PRODUCT = exact<Product>()({
  product_type: "SPOT",
  id: "BTC-USD",
  base_currency: "BTC",
  quote_currency: "USD",
  base_increment: "0.00000001",
  quote_increment: "0.01",
  display_name: "BTC/USD",
  status: "online",
  status_message: "",
  min_market_funds: "1",
});

const BEAT = "2026-09-30 02:37:15.057778606 +0000 UTC m=+21697.195984854";

describe("the types are what the wire carries", () => {
  it("for the 29 fields of an order", () => {
    expect(Object.keys(ORDER)).toHaveLength(29);
    expect(Object.values(ORDER).every((value) => typeof value === "string")).toBe(true);
  });

  it.each([
    ["user", { type: "snapshot", orders: [ORDER], positions: POSITIONS }, "user"],
    ["user", { type: "snapshot", orders: [], positions: {} }, "user"],
    ["user", { type: "update", orders: [ORDER] }, "user"],
    ["market_trades", { type: "update", trades: [TRADE] }, "market_trades:BTC-USD"],
    ["ticker", { type: "snapshot", tickers: [TICKER] }, "ticker:BTC-USD"],
    ["ticker_batch", { type: "update", tickers: [SUMMARY] }, "ticker_batch:BTC-USD"],
    ["candles", { type: "snapshot", candles: [CANDLE] }, "candles:BTC-USD"],
    ["status", { type: "snapshot", products: [PRODUCT] }, "status:BTC-USD"],
    ["heartbeats", { current_time: BEAT, heartbeat_counter: 21_697 }, "heartbeats"],
    ["heartbeats", { current_time: BEAT, heartbeat_counter: "21697" }, "heartbeats"],
  ] as const)("every recorded shape of %s is read whole: %j", (channel, event, topic) => {
    const rig = begun();
    rig.frame(channel, [event]);
    const [[told, data] = []] = rig.events;
    expect(told).toBe(topic);
    const { heartbeat_counter: counter, tickers, ...fields } = { ...event } as Fields;
    expect(data).toMatchObject(fields);
    if (counter !== undefined) expect(data).toMatchObject({ heartbeat_counter: Number(counter) });
    if (tickers !== undefined) expect(data).toMatchObject({ ticker: (tickers as object[])[0] });
  });

  it("with the client's id in the envelope, and without it", () => {
    const rig = begun();
    const text = (number: number, id: object): string =>
      JSON.stringify({
        channel: "market_trades",
        ...id,
        timestamp: "2026-09-30T02:37:15.05Z",
        sequence_num: number,
        events: [{ type: "update", trades: [TRADE] }],
      });
    rig.text(text(1, { client_id: "" }));
    rig.text(text(2, {}));
    expect(rig.events.map(([topic]) => topic)).toEqual(
      Array.from({ length: 2 }, () => "market_trades:BTC-USD"),
    );
  });
});

type Fields = Readonly<Record<string, unknown>>;
