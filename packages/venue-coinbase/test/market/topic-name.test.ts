import { describe, expect, expectTypeOf, it } from "vitest";
import { parseTopicName } from "@oath-ws/venue-coinbase";
import type {
  CandlesEvent,
  Heartbeat,
  Level2Event,
  MarketPayload,
  PayloadOf,
  TickerEvent,
} from "@oath-ws/venue-coinbase";
import { ProductAliases } from "../../src/market/product-aliases.js";

describe("the name of a topic", () => {
  it("is a channel and a product in any case", () => {
    expect(parseTopicName("level2:btc-usd")).toEqual({
      name: "level2:BTC-USD",
      channel: "level2",
      product: "BTC-USD",
    });
    expect(parseTopicName("ticker_batch:BIT-28JUN24-CDE").product).toBe("BIT-28JUN24-CDE");
    expect(parseTopicName("heartbeats")).toEqual({
      name: "heartbeats",
      channel: "heartbeats",
      product: undefined,
    });
  });

  it.each([
    "",
    "ticker",
    "ticker:",
    "ticker:BTC",
    "ticker:BTC/USD",
    "l2_data:BTC-USD",
    "heartbeats:BTC-USD",
    "user",
    "toString:BTC-USD",
  ])("is refused when no topic has it: %j", (text) => {
    expect(() => parseTopicName(text)).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID", kind: "client" }),
    );
  });

  it("decides the type of the payload", () => {
    expectTypeOf<PayloadOf<"ticker:BTC-USD">>().toEqualTypeOf<TickerEvent>();
    expectTypeOf<PayloadOf<"heartbeats">>().toEqualTypeOf<Heartbeat>();
    expectTypeOf<PayloadOf<`candles:${string}` | "level2:BTC-USD">>().toEqualTypeOf<
      CandlesEvent | Level2Event
    >();
    expectTypeOf<PayloadOf<string>>().toEqualTypeOf<MarketPayload>();
    expectTypeOf<PayloadOf<"trades:BTC-USD">>().toEqualTypeOf<never>();
  });
});

describe("the names of a product", () => {
  it("are one, except for products of their own", () => {
    const aliases = new ProductAliases();
    expect(
      ["BTC-USDC", "BTC-USD", "USDT-USDC", "EURC-USDC", "BTC-USDT"].map((id) =>
        aliases.canonical(id),
      ),
    ).toEqual(["BTC-USD", "BTC-USD", "USDT-USDC", "EURC-USDC", "BTC-USDT"]);
    expect(new ProductAliases(["BTC-USDC"]).canonical("BTC-USDC")).toBe("BTC-USDC");
  });
});
