import type { MarketListener } from "../market/market.js";
import type { SymbolMarket, SymbolStep } from "../market/symbol-market.js";
import type { TakerOrder } from "../market/trade-generator.js";
import { inUnit, type TimeUnit } from "./market/payloads.js";

/** A taker order and when it was traded. */
interface Archived {
  readonly order: TakerOrder;
  readonly time: number;
}

/**
 * The trades that REST still knows, per symbol: all that happened in the market, with or without a
 * subscriber. It hears of an order before the streams do.
 */
export class TradeArchive implements MarketListener {
  readonly #streams: MarketListener;
  readonly #max: number;
  readonly #orders = new Map<SymbolMarket, Archived[]>();

  /** @param max orders kept per symbol */
  constructor(streams: MarketListener, max: number) {
    this.#streams = streams;
    this.#max = max;
  }

  stepped(market: SymbolMarket, step: SymbolStep): void {
    for (const order of step.orders) this.#add(market, order, step.time);
    this.#streams.stepped(market, step);
  }

  settled(onSecond: boolean): void {
    this.#streams.settled(onSecond);
  }

  burst(market: SymbolMarket, order: TakerOrder): void {
    this.#add(market, order, market.time);
    this.#streams.burst(market, order);
  }

  /** Rows of `GET /api/v3/aggTrades` (B-49), oldest first; without `fromId` the newest. */
  aggregates(
    market: SymbolMarket,
    limit: number,
    fromId: number | undefined,
    unit: TimeUnit,
  ): readonly object[] {
    const all = (this.#orders.get(market) ?? []).map(({ order, time }) => ({
      a: order.aggregateId,
      p: market.price(order.price),
      q: market.quantity(order.lots),
      f: order.trades[0]?.id ?? 0,
      l: order.trades.at(-1)?.id ?? 0,
      T: inUnit(time, unit),
      m: order.buyerIsMaker,
      M: true,
    }));
    return page(all, ({ a }) => a, limit, fromId);
  }

  /** Rows of `GET /api/v3/historicalTrades` (B-49), oldest first; without `fromId` the newest. */
  trades(
    market: SymbolMarket,
    limit: number,
    fromId: number | undefined,
    unit: TimeUnit,
  ): readonly object[] {
    const all = (this.#orders.get(market) ?? []).flatMap(({ order, time }) =>
      order.trades.map(({ id, price, lots, buyerIsMaker }) => ({
        id,
        price: market.price(price),
        qty: market.quantity(lots),
        quoteQty: market.quoteVolume(BigInt(price) * BigInt(lots)),
        time: inUnit(time, unit),
        isBuyerMaker: buyerIsMaker,
        isBestMatch: true,
      })),
    );
    return page(all, ({ id }) => id, limit, fromId);
  }

  #add(market: SymbolMarket, order: TakerOrder, time: number): void {
    const orders = this.#orders.get(market) ?? [];
    this.#orders.set(market, orders);
    orders.push({ order, time });
    if (orders.length > this.#max) orders.shift();
  }
}

function page<Row>(
  rows: readonly Row[],
  idOf: (row: Row) => number,
  limit: number,
  fromId: number | undefined,
): readonly Row[] {
  if (fromId === undefined) return rows.slice(-limit);
  return rows.filter((row) => idOf(row) >= fromId).slice(0, limit);
}
