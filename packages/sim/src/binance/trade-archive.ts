import { OrderArchive } from "../market/order-archive.js";
import type { SymbolMarket } from "../market/symbol-market.js";
import { inUnit, type TimeUnit } from "./market/payloads.js";

/** The trades that REST still knows, as REST writes them. */
export class TradeArchive extends OrderArchive {
  /** Rows of `GET /api/v3/aggTrades` (B-49), oldest first; without `fromId` the newest. */
  aggregates(
    market: SymbolMarket,
    limit: number,
    fromId: number | undefined,
    unit: TimeUnit,
  ): readonly object[] {
    const all = this.orders(market).map(({ order, time }) => ({
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
    const all = this.orders(market).flatMap(({ order, time }) =>
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
