import { isDeepStrictEqual } from "node:util";
import type { Quote } from "@oath-ws/venue-ibkr";
import type { Quote as MarketQuote } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import type { IbkrSim } from "../support/venue.js";
import { live, openClient, openSession, readUntil, startVenue, until } from "../support/venue.js";

const QUIET = { market: { auto: false } } as const;
const ORDER = { conid: 265_598, side: "BUY", quantity: 10, price: 100.5 } as const;

function truth(sim: IbkrSim, conid: number): unknown {
  const fields = sim.market.quote(conid);
  return {
    symbol: String(conid),
    bidPrice: fields["84"],
    bidQuantity: fields["88"],
    askPrice: fields["86"],
    askQuantity: fields["85"],
  };
}

describe("the market model over a simulated gateway", () => {
  it("has the newest quotes of many contracts in one reader, digit for digit", async () => {
    const sim = await startVenue(QUIET);
    const client = openClient(sim, openSession(sim));
    const all = client.quotes("*");
    const some = client.quotes(["265598", "8314"]);
    await until(some.state, live);
    const newest = new Map<string, MarketQuote<Quote>>();
    const isCaughtUp = (): boolean =>
      [265_598, 8_314].every((conid) => {
        const { bidPrice, bidQuantity, askPrice, askQuantity } = newest.get(String(conid)) ?? {};
        const seen = { symbol: String(conid), bidPrice, bidQuantity, askPrice, askQuantity };
        return isDeepStrictEqual(seen, truth(sim, conid));
      });
    for (let round = 0; round < 20; round++) {
      sim.market.step();
      if (isCaughtUp()) continue;
      // Ends only when both are what the venue has, to the letter.
      await readUntil(some, ({ data }) => {
        newest.set(data.symbol, data);
        return isCaughtUp();
      });
    }
    const own = client.subscribe("smd+265598", { policy: { kind: "latest" } });
    sim.market.step();
    const [{ data } = { data: undefined }] = await readUntil(own, () => true);
    expect(all.symbols).toEqual(["265598", "8314"]);
    expect(all.take()?.data).toMatchObject({ venue: "ibkr", isRealtime: false });
    expect(newest.get("265598")?.timeMs).toBeLessThanOrEqual(data?.updatedAt ?? 0);
    expect(some.age("265598")).toMatchObject({ venueMs: expect.any(Number) as unknown });
    expect([some.gapCount, some.discarded]).toEqual([0, 0]);
  });

  it("has the account's own executions of a contract as trades, each once", async () => {
    const sim = await startVenue(QUIET);
    const client = openClient(sim, openSession(sim));
    const [trades, others] = [client.trades("265598"), client.trades("8314")];
    await until(trades.state, live);
    const { orderId } = sim.account.placeOrder(ORDER);
    const other = sim.account.placeOrder({ ...ORDER, conid: 8_314, side: "SELL" });
    const first = sim.account.fillOrder(orderId, { quantity: 4 });
    // The copy that knows the commission is no trade of its own.
    sim.account.setCommission(first.execution_id, "0.35");
    sim.account.fillOrder(other.orderId);
    sim.account.fillOrder(orderId);
    const events = await readUntil(trades, (_, all) => all.length === 2);
    expect(events.map(({ data }) => data)).toMatchObject(
      sim.account.executions
        .filter(({ conid }) => conid === 265_598)
        .map(({ execution_id, price, size, trade_time_r }) => ({
          id: execution_id,
          venue: "ibkr",
          symbol: "265598",
          price,
          quantity: String(size),
          side: "buy",
          scope: "account",
          timeMs: trade_time_r,
        })),
    );
    const [sold] = await readUntil(others, () => true);
    expect(sold?.data).toMatchObject({ symbol: "8314", side: "sell" });
    expect(trades.take()).toBeUndefined();
  });

  it("says what the venue does not have", async () => {
    const sim = await startVenue(QUIET);
    const client = openClient(sim, openSession(sim));
    expect(() => client.book("265598")).toThrowError(
      expect.objectContaining({
        code: "NOT_OFFERED",
        message: expect.stringContaining("sbd+ACCOUNT+265598+EXCHANGE") as unknown,
      }),
    );
    expect(() => client.trades("AAPL")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(client.topics).toEqual([]);
  });
});

describe("the orders of the market model over a simulated gateway", () => {
  it("are all first, then each that changes, as the venue has them", async () => {
    const sim = await startVenue();
    const before = sim.account.placeOrder(ORDER);
    const client = openClient(sim, openSession(sim));
    const orders = client.orders();
    const [first] = await readUntil(orders, () => true);
    expect(first?.data).toMatchObject({
      kind: "snapshot",
      reason: "start",
      orders: [{ orderId: String(before.orderId), status: "open", venueStatus: "Submitted" }],
    });
    sim.account.fillOrder(before.orderId, { quantity: 4 });
    sim.account.cancelOrder(before.orderId);
    const events = await readUntil(
      orders,
      ({ data }) => data.kind === "order" && data.order.status === "cancelled",
    );
    const [order] = sim.account.orders;
    const last = events.at(-1)?.data;
    expect(last?.kind === "order" ? last.order : undefined).toMatchObject({
      venue: "ibkr",
      symbol: "265598",
      orderId: String(order?.orderId),
      side: "buy",
      price: order?.price,
      quantity: "10",
      filledQuantity: "4",
      remainingQuantity: String(order?.remainingQuantity),
      averagePrice: order?.avgPrice,
      type: order?.orderType,
    });
    orders.close();
    await expect(orders.readable()).resolves.toBe(false);
    expect(client.topics).toEqual([]);
  });
});
