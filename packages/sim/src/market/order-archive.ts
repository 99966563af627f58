import type { MarketListener } from "./market.js";
import type { SymbolMarket, SymbolStep } from "./symbol-market.js";
import type { TakerOrder } from "./trade-generator.js";

/** A taker order and when it was traded. */
export interface ArchivedOrder {
  readonly order: TakerOrder;
  readonly time: number;
}

const NONE: readonly ArchivedOrder[] = [];

/**
 * The orders whose trades REST still knows, per symbol: all that happened in the market, with or
 * without a subscriber. It hears of an order before the streams do.
 */
export class OrderArchive implements MarketListener {
  readonly #streams: MarketListener;
  readonly #max: number;
  readonly #orders = new Map<SymbolMarket, ArchivedOrder[]>();

  /** @param max orders kept per symbol */
  constructor(streams: MarketListener, max: number) {
    this.#streams = streams;
    this.#max = max;
  }

  /** The orders of a symbol, oldest first. */
  orders(market: SymbolMarket): readonly ArchivedOrder[] {
    return this.#orders.get(market) ?? NONE;
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

  #add(market: SymbolMarket, order: TakerOrder, time: number): void {
    const orders = this.#orders.get(market) ?? [];
    this.#orders.set(market, orders);
    orders.push({ order, time });
    if (orders.length > this.#max) orders.shift();
  }
}
