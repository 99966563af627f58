import { describe, expect, it } from "vitest";
import { openMarket, openUser, readUntil, startVenue, until } from "../support/venue.js";

const QUIET = { market: { auto: false } } as const;
const live = ({ phase }: { readonly phase: string }): boolean => phase === "live";

describe("the market model over a simulated venue", () => {
  it("has the trades that the venue published, oldest first, each once, digit for digit", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    const own = market.subscribe("market_trades:BTC-USD");
    const reader = market.trades("btc-usd");
    const events = await readUntil(reader, (_, all) => all.length === 40);
    sim.faults.dropConnections();
    await until(reader.state, ({ recoveries, phase }) => recoveries === 1 && phase === "live");
    const later = await readUntil(
      reader,
      ({ epoch, data }) => epoch === 2 && data.isSnapshot === false,
    );
    const all = [...events, ...later];
    const ids = all.map(({ data }) => Number(data.id));
    // The snapshot of the second subscription repeats trades of the first.
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
    const raw = await readUntil(own, ({ data }) =>
      data.trades.some(({ trade_id }) => trade_id === all.at(-1)?.data.id),
    );
    const truth = new Map(
      raw.flatMap(({ data }) => data.trades.map((trade) => [trade.trade_id, trade] as const)),
    );
    for (const { data } of all) {
      const { product_id, price, size, side, time } = truth.get(data.id) ?? {};
      expect(data).toMatchObject({
        venue: "coinbase",
        symbol: product_id,
        price,
        quantity: size,
        side: side === "BUY" ? "sell" : "buy",
        scope: "market",
        timeMs: Date.parse(time ?? ""),
      });
      expect(Math.floor((data.timeUs ?? 0) / 1_000)).toBe(data.timeMs);
    }
    expect(reader.gapCount).toBe(1);
    expect(reader.age()).toMatchObject({ venueMs: expect.any(Number) as unknown });
  });

  it("has quotes with quantities, of many products in one reader", async () => {
    const sim = await startVenue(QUIET);
    const market = openMarket(sim);
    const [all, some] = [market.quotes("*"), market.quotes(["BTC-USDC", "eth-usd"])];
    expect(all.symbols).toEqual(["BTC-USD", "ETH-USD"]);
    const own = ["ticker:BTC-USD", "ticker:ETH-USD"].map((name) => market.subscribe(name));
    await until(some.state, live);
    sim.market.step(30);
    await Promise.all(own.map((each) => readUntil(each, () => true)));
    // Everything that was sent before this answer has arrived with it.
    const book = market.book("BTC-USD");
    await until(book.state, live);
    for (const reader of [all, some]) {
      const newest = new Map<string, unknown>();
      for (let event = reader.take(); event !== undefined; event = reader.take()) {
        const { ticker, timestamp } = event.data.raw;
        newest.set(event.data.symbol, event.data);
        expect(event.data).toMatchObject({
          symbol: ticker.product_id,
          bidPrice: ticker.best_bid,
          bidQuantity: ticker.best_bid_quantity,
          askPrice: ticker.best_ask,
          askQuantity: ticker.best_ask_quantity,
          timeMs: Date.parse(timestamp),
        });
      }
      expect(Array.from(newest.keys()).toSorted()).toEqual(["BTC-USD", "ETH-USD"]);
      expect(reader).toMatchObject({ discarded: 0, gapCount: 0 });
    }
    const { bids, asks } = sim.market.book("BTC-USD");
    expect([book.best?.bid, book.best?.ask]).toEqual([
      { price: bids[0]?.[0], quantity: bids[0]?.[1] },
      { price: asks[0]?.[0], quantity: asks[0]?.[1] },
    ]);
  });
});

describe("the orders of the market model over a simulated venue", () => {
  it("are all open ones first, then each that changes, digit for digit", async () => {
    const sim = await startVenue({ accounts: [{ orders: 2 }] });
    const before = sim.account().orders;
    const user = openUser(sim);
    const orders = user.orders();
    const [first] = await readUntil(orders, () => true);
    expect(first?.data).toMatchObject({ kind: "snapshot", venue: "coinbase", reason: "start" });
    const told = first?.data.kind === "snapshot" ? first.data.orders : [];
    expect(told.map(({ orderId, price }) => [orderId, price])).toEqual(
      before.map(({ order_id, limit_price }) => [order_id, limit_price]),
    );
    const placed = sim
      .account()
      .place({ productId: "BTC-USDC", side: "SELL", price: "60000.10", quantity: "0.010" });
    const filled = sim.account().fill(placed.order_id);
    const changes = await readUntil(orders, (_, all) => all.length === 2);
    expect(changes.map(({ data }) => data)).toMatchObject(
      [placed, filled].map((order, index) => ({
        kind: "order",
        fill: undefined,
        order: {
          orderId: order.order_id,
          clientOrderId: order.client_order_id,
          symbol: "BTC-USDC",
          side: "sell",
          status: index === 0 ? "open" : "filled",
          venueStatus: order.status,
          price: order.limit_price,
          filledQuantity: order.cumulative_quantity,
          remainingQuantity: order.leaves_quantity,
          averagePrice: order.avg_price,
          raw: order,
        },
      })),
    );
    expect(orders.state.snapshot.phase).toBe("live");
  });
});
