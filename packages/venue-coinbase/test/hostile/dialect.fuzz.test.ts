import { isWsError } from "@oath-ws/contract";
import { expect, it } from "vitest";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import { grammarTarget } from "../../../venue-kit/test/support/grammar-campaign.js";
import { Dialect } from "../../src/feed/dialect.js";
import { ProductAliases } from "../../src/market/product-aliases.js";

const at = { timestamp: "2026-09-26T04:14:54.777523902Z" };
const channel = (name: string, number: number, event: object): object => ({
  channel: name,
  ...at,
  sequence_num: number,
  events: [event],
});

const FRAMES = [
  channel("heartbeats", 0, { current_time: "now", heartbeat_counter: 5 }),
  channel("l2_data", 0, {
    type: "snapshot",
    product_id: "BTC-USD",
    updates: [{ side: "bid", price_level: "1", new_quantity: "2" }],
  }),
  channel("ticker", 0, { type: "update", tickers: [{ product_id: "BTC-USD", price: "1" }] }),
  channel("candles", 1, { type: "update", candles: [{ product_id: "BTC-USD", start: "1" }] }),
  channel("market_trades", 1, {
    type: "update",
    trades: [{ product_id: "BTC-USD", trade_id: "1" }],
  }),
  channel("status", 0, { type: "snapshot", products: [{ id: "BTC-USD" }] }),
  channel("user", 0, { type: "snapshot", orders: [{ order_id: "1" }], positions: {} }),
  channel("futures_balance_summary", 0, {
    type: "snapshot",
    fcm_balance_summary: { futures_buying_power: "1" },
  }),
  channel("subscriptions", 0, {
    subscriptions: { level2: ["BTC-USD"], heartbeats: ["heartbeats"] },
  }),
  channel("subscriptions", 1, { subscriptions: {} }),
  { type: "error", message: "authentication failure" },
  { type: "error", message: "rate limit exceeded" },
  { type: "error", message: "subscriptions: no such channel" },
];

/** A dialect whose connection is up and which has asked for a book. */
function speaking(): Dialect {
  const dialect = new Dialect({
    connection: {
      say: (message) => {
        expect(message).toBeTypeOf("string");
      },
      giveUp: (reason) => {
        expect(reason).toBeTypeOf("string");
      },
    },
    aliases: new ProductAliases(),
    askedAs: (topic) => topic,
    tokens: { isSure: true, doubt: () => undefined },
    onEnded: () => undefined,
    fault: (error) => {
      expect(isWsError(error)).toBe(true);
    },
  });
  dialect.encode({ id: 1, kind: "subscribe", topics: ["level2:BTC-USD"] });
  return dialect;
}

it(
  "the venue's language makes events, answers or typed errors of any frames",
  async () => {
    const target = grammarTarget({
      modules: /venue-coinbase\/src\/(feed|market)/,
      make: speaking,
      frames: FRAMES,
      keys: [
        "channel",
        "type",
        "message",
        "timestamp",
        "sequence_num",
        "events",
        "subscriptions",
        "updates",
        "product_id",
      ],
    });
    const { outcomes } = await campaign(target, { runs: 480, seed: 20_261_126 });
    const expected = [
      "event",
      "confirmed",
      "refused",
      "later",
      "nothing",
      "threw FRAME_UNKNOWN",
      "threw SyntaxError",
    ];
    expect([...outcomes]).toEqual(expect.arrayContaining(expected));
  },
  FUZZ_TIMEOUT_MS,
);
