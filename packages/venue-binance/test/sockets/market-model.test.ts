import { describe, expect, it } from "vitest";
import type { BinanceSim } from "@oath-ws/sim";
import type { BookTicker, OpenOrder, Trade } from "@oath-ws/venue-binance";
import type { OrderEvent } from "@oath-ws/venue-kit";
import { openMarket, openUserData, readUntil, startVenue, until } from "../support/venue.js";

const QUIET = { market: { auto: false }, record: { payloads: 10_000 } } as const;
const live = ({ phase }: { readonly phase: string }): boolean => phase === "live";

/** The venue's own record of a stream. */
function published<T>(sim: BinanceSim, stream: string): readonly T[] {
  return sim.record.payloads(stream).map((text) => JSON.parse(text) as T);
}

describe("the market model over a simulated venue", () => {
  it.each(["ms", "us"] as const)(
    "has the trades that the venue published, in order, digit for digit: %s",
    async (timeUnit) => {
      const sim = await startVenue(QUIET);
      const reader = openMarket(sim, { timeUnit }).trades("btcusdt");
      await until(reader.state, live);
      sim.market.step(40);
      const { tradeId } = sim.market.lastIds("BTCUSDT");
      const events = await readUntil(reader, ({ data }) => data.id === String(tradeId));
      const truth = published<Trade>(sim, "btcusdt@trade");
      expect(truth.length).toBeGreaterThan(10);
      expect(
        events.map(({ data: { id, price, quantity, side, symbol, venue, timeMs, scope } }) => {
          return { id, price, quantity, side, symbol, venue, timeMs, scope };
        }),
      ).toEqual(
        truth.map(({ t, p, q, m, T }) => ({
          id: String(t),
          price: p,
          quantity: q,
          side: m ? "sell" : "buy",
          symbol: "BTCUSDT",
          venue: "binance",
          timeMs: T,
          scope: "market",
        })),
      );
      const [first] = events;
      expect(first?.data.timeUs).toBe(timeUnit === "us" ? first?.data.raw.T : undefined);
      expect(first).toMatchObject({ epoch: 1, isCurrent: true, data: { raw: { e: "trade" } } });
      expect(Object.keys({ ...first?.data })).toEqual(expect.arrayContaining(["price", "raw"]));
      expect(reader.isFresh(60_000)).toBe(true);
      expect(reader.age()).toMatchObject({ offsetMs: expect.any(Number) as unknown });
      expect([reader.gapCount, reader.discarded, reader.replaced]).toEqual([0, 0, 0]);
    },
  );

  it("has the newest quotes of many symbols in one reader, and of all that are held", async () => {
    const sim = await startVenue(QUIET);
    const market = openMarket(sim);
    const all = market.quotes("*");
    const some = market.quotes(["btcusdt", "ETHUSDT"]);
    const each = market.quotes("BTCUSDT", { policy: { kind: "reliable" } });
    await until(some.state, live);
    sim.market.step(30);
    const truth = (symbol: string): readonly unknown[] =>
      published<BookTicker>(sim, `${symbol.toLowerCase()}@bookTicker`).map(
        ({ s, b, B, a, A, u }) => ({
          symbol: s,
          bidPrice: b,
          bidQuantity: B,
          askPrice: a,
          askQuantity: A,
          updateId: String(u),
        }),
      );
    const lastId = published<BookTicker>(sim, "btcusdt@bookTicker").at(-1)?.u;
    const events = await readUntil(each, ({ data }) => data.updateId === String(lastId));
    const shown = events.map(({ data: { venue, raw, timeMs, timeUs, isRealtime, ...quote } }) => {
      expect([venue, timeMs, timeUs, isRealtime]).toEqual(["binance", undefined, undefined, true]);
      expect(raw.s).toBe("BTCUSDT");
      return quote;
    });
    expect(shown).toEqual(truth("BTCUSDT"));
    for (const reader of [all, some]) {
      const newest = new Map<string, unknown>();
      for (let event = reader.take(); event !== undefined; event = reader.take())
        newest.set(event.data.symbol, event.data);
      expect(newest.get("BTCUSDT")).toMatchObject(truth("BTCUSDT").at(-1) as object);
      expect(newest.get("ETHUSDT")).toMatchObject(truth("ETHUSDT").at(-1) as object);
      expect(newest.size).toBe(2);
      expect(reader).toMatchObject({ discarded: 0, gapCount: 0 });
      expect(reader.replaced).toBe(truth("BTCUSDT").length + truth("ETHUSDT").length - 2);
    }
    some.close();
    expect(all.symbols).toEqual(["BTCUSDT"]);
    await market.shutdown();
    await expect(all.readable()).resolves.toBe(false);
  });

  it("keeps all it promised over a break: a gap record, fresh no more, and the trades after it", async () => {
    const sim = await startVenue(QUIET);
    const reader = openMarket(sim).trades("BTCUSDT");
    await until(reader.state, live);
    sim.market.step(5);
    await readUntil(reader, () => true);
    sim.faults.dropConnections();
    await until(reader.state, ({ phase }) => phase === "recovering");
    expect(reader.isFresh(Number.POSITIVE_INFINITY)).toBe(false);
    sim.market.step(5);
    await until(reader.state, live);
    while (reader.take() !== undefined);
    sim.market.step(5);
    const [next] = await readUntil(reader, () => true);
    expect(next).toMatchObject({ epoch: 2, gaps: 1 });
    expect(reader.gaps).toMatchObject([{ reason: "reconnect", toSeq: Number(next?.data.id) - 1 }]);
  });

  it("has a book and refuses symbols that none has", async () => {
    const sim = await startVenue(QUIET);
    const market = openMarket(sim);
    const book = market.book("BTCUSDT");
    expect(book.age()).toBeUndefined();
    await until(book.state, live);
    sim.market.step(5);
    await readUntil(book.updates, ({ data }) => data.kind === "changes");
    expect(book.age()).toEqual({
      oursMs: expect.any(Number) as unknown,
      venueMs: expect.any(Number) as unknown,
      offsetMs: expect.any(Number) as unknown,
    });
    expect(book.isKnown("bid", book.best?.bid.price ?? "")).toBe(true);
    expect(() => market.trades("no/such")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(() => market.quotes(["BTCUSDT", "no/such"])).toThrowError(/no such|symbol/);
    expect(market.streams).toEqual(["btcusdt@depth@100ms"]);
  });
});

describe("the orders of the market model over a simulated venue", () => {
  it("are all open ones first, then each change with its fill, digit for digit", async () => {
    const sim = await startVenue();
    const account = sim.account();
    const order = { symbol: "BTCUSDT", side: "BUY", price: "100.50", quantity: "0.5" } as const;
    const before = account.placeOrder(order);
    const user = openUserData(sim);
    await until(user.state, live);
    const orders = user.orders();
    const placed = account.placeOrder({ ...order, side: "SELL", clientOrderId: "mine" });
    account.fillOrder(placed, "0.2");
    account.cancelOrder(placed);
    const events = await readUntil(
      orders,
      ({ data }) => data.kind === "order" && data.order.status === "cancelled",
    );
    const [snapshot, ...changes] = events.map(({ data }) => data);
    const [open] = account.openOrders() as unknown as readonly OpenOrder[];
    expect(snapshot).toMatchObject({
      kind: "snapshot",
      venue: "binance",
      reason: "start",
      orders: [
        {
          orderId: String(before),
          price: open?.price,
          quantity: open?.origQty,
          filledQuantity: open?.executedQty,
          status: "open",
          side: "buy",
        },
      ],
    });
    const reports = account.events
      .map(({ event }) => event)
      .filter(({ e, i }) => e === "executionReport" && i === placed);
    expect(changes.map(told)).toEqual(
      reports.map(({ c, C, X, x, p, q, z, L, l, t, n, N, m, T }) => ({
        orderId: String(placed),
        clientOrderId: X === "CANCELED" ? C : c,
        symbol: "BTCUSDT",
        side: "sell",
        venueStatus: X,
        price: p,
        quantity: q,
        filledQuantity: z,
        timeMs: T,
        fill:
          x === "TRADE"
            ? {
                tradeId: String(t),
                price: L,
                quantity: l,
                liquidity: m === true ? "maker" : "taker",
                fee: n,
                feeAsset: N ?? undefined,
              }
            : undefined,
      })),
    );
    expect(changes.map((event) => event.kind === "order" && event.order.status)).toEqual([
      "open",
      "open",
      "cancelled",
    ]);
    expect(changes.map((event) => event.kind === "order" && event.order.clientOrderId)).toEqual([
      "mine",
      "mine",
      "mine",
    ]);
    // Closing the view ends nothing of the account's.
    orders.close();
    expect(user.state.snapshot.phase).toBe("live");
  });
});

function told(event: OrderEvent): unknown {
  if (event.kind !== "order") return event;
  const { orderId, clientOrderId, symbol, side, venueStatus, price, quantity, filledQuantity } =
    event.order;
  const { timeMs } = event.order;
  const { fill } = event;
  return {
    orderId,
    clientOrderId,
    symbol,
    side,
    venueStatus,
    price,
    quantity,
    filledQuantity,
    timeMs,
    fill,
  };
}
