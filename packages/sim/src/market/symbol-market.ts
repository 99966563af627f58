import type { SeededRandom } from "../random.js";
import { Book, type BookChange } from "./book.js";
import { BookGenerator } from "./book-generator.js";
import { type Candle, type CandleInterval, CandleSeries } from "./candle.js";
import { printUnits } from "./decimal.js";
import { addOrder, emptyTotals, type Totals } from "./statistics.js";
import type { SymbolSpec } from "./symbol-spec.js";
import { type TakerOrder, TradeGenerator } from "./trade-generator.js";

/**
 * Level changes with the ids of the first and the last; one change, one id, so batches join without
 * a hole.
 */
export interface DepthBatch {
  readonly firstId: number;
  readonly lastId: number;
  readonly changes: readonly BookChange[];
}

/** What one step of a symbol brought. */
export interface SymbolStep {
  /** Time of the step, in ms since 1970. */
  readonly time: number;
  readonly fast: DepthBatch;
  /** Every tenth step: all changes since the last slow batch. */
  readonly slow: DepthBatch | undefined;
  readonly orders: readonly TakerOrder[];
  /** Best price or its quantity changed. */
  readonly topMoved: boolean;
  /** Number of the step, from 1. */
  readonly step: number;
  /** True once a second of market time: when tickers are published. */
  readonly onSecond: boolean;
}

/** A book as REST shows it. Prices and quantities as printed, best first. */
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: ReadonlyArray<readonly [string, string]>;
  readonly asks: ReadonlyArray<readonly [string, string]>;
}

/** What shapes a symbol's generated activity. */
export interface Activity {
  readonly levels: number;
  readonly changesPerStep: number;
  /** Mean number of taker orders per step. */
  readonly ordersPerStep: number;
  /** Steps in one second of market time: how often slow streams publish. */
  readonly stepsPerSecond: number;
}

/**
 * One symbol: its book, its trades, its statistics. A pure function of the seed and the number of
 * steps and bursts.
 */
export class SymbolMarket {
  readonly spec: SymbolSpec;
  readonly #activity: Activity;
  readonly #bookGenerator: BookGenerator;
  readonly #tradeGenerator: TradeGenerator;
  readonly #burstRandom: SeededRandom;
  readonly #book: Book = new Book();
  readonly #candles: Map<string, CandleSeries> = new Map();
  #pending: readonly BookChange[] | undefined;
  #lastUpdateId = 0;
  #sinceSlow: BookChange[] = [];
  #slowFrom: number;
  #steps = 0;
  #time: number;
  #top = "";
  #totals: Totals;

  constructor(spec: SymbolSpec, activity: Activity, random: SeededRandom, startTime: number) {
    this.spec = spec;
    this.#activity = activity;
    this.#time = startTime;
    const startPrice = Math.round(spec.price * 10 ** spec.priceDecimals);
    this.#bookGenerator = new BookGenerator(random.fork("book"), {
      startPrice,
      levels: activity.levels,
      changesPerStep: activity.changesPerStep,
    });
    this.#tradeGenerator = new TradeGenerator(random.fork("trades"));
    this.#burstRandom = random.fork("burst");
    for (const change of this.#bookGenerator.initial()) this.#apply(change);
    this.#slowFrom = this.#lastUpdateId + 1;
    this.#totals = emptyTotals(startPrice, startTime);
  }

  /** Id of the last change of the published book. */
  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }

  get lastTradeId(): number {
    return this.#tradeGenerator.lastTradeId;
  }

  get lastAggregateId(): number {
    return this.#tradeGenerator.lastAggregateId;
  }

  /** Time of the last step, in ms since 1970. */
  get time(): number {
    return this.#time;
  }

  /** Steps in one second of market time. */
  get stepsPerSecond(): number {
    return this.#activity.stepsPerSecond;
  }

  /** Everything traded since the simulator started. */
  get totals(): Totals {
    return this.#totals;
  }

  get bestBid(): number {
    return this.#book.bids.best ?? 0;
  }

  get bestAsk(): number {
    return this.#book.asks.best ?? 0;
  }

  get bidLots(): number {
    return this.#book.bids.lotsAt(this.bestBid);
  }

  get askLots(): number {
    return this.#book.asks.lotsAt(this.bestAsk);
  }

  /** Moves the market on by one step, to `time`. */
  step(time: number): SymbolStep {
    this.#time = time;
    this.#steps++;
    const changes = this.#takePending();
    const firstId = this.#lastUpdateId + 1;
    for (const change of changes) {
      this.#apply(change);
      this.#sinceSlow.push(change);
    }
    const fast: DepthBatch = { firstId, lastId: this.#lastUpdateId, changes };
    const onSecond = this.#steps % this.#activity.stepsPerSecond === 0;
    const slow = onSecond ? this.#takeSlow() : undefined;
    const top = `${this.bestBid} ${this.bidLots} ${this.bestAsk} ${this.askLots}`;
    const topMoved = top !== this.#top;
    this.#top = top;
    const orders: TakerOrder[] = [];
    const count = this.#tradeGenerator.countForStep(this.#activity.ordersPerStep);
    while (orders.length < count)
      orders.push(this.#trade(this.#tradeGenerator.next(this.bestBid, this.bestAsk)));
    return { time, fast, slow, orders, topMoved, step: this.#steps, onSecond };
  }

  /**
   * One more order, out of turn, of a single execution. Drawn from a source of its own: the regular
   * ones stay as they are.
   */
  burst(): TakerOrder {
    return this.#trade(this.#tradeGenerator.next(this.bestBid, this.bestAsk, this.#burstRandom, 1));
  }

  /** The published book, at most `limit` levels a side. */
  depth(limit: number): DepthSnapshot {
    return this.#print(this.#book, this.#lastUpdateId, limit);
  }

  /** The best levels of both sides, at most `limit` each: prices in ticks, quantities in lots. */
  top(limit: number): Record<"bids" | "asks", ReadonlyArray<readonly [number, number]>> {
    const { bids, asks } = this.#book;
    return { bids: bids.levels(limit), asks: asks.levels(limit) };
  }

  /** The book in the middle of the next batch: `lastUpdateId` falls strictly inside it. */
  depthInsideNextBatch(limit: number): DepthSnapshot {
    this.#pending ??= this.#bookGenerator.next();
    const half = this.#pending.slice(0, Math.max(1, Math.floor(this.#pending.length / 2)));
    const book = this.#book.copy();
    for (const change of half) book.apply(change);
    return this.#print(book, this.#lastUpdateId + half.length, limit);
  }

  /** Candles to publish at `time`. The series starts when first asked for. */
  candles(interval: CandleInterval, offsetMs: number, time: number): readonly Candle[] {
    const key = `${interval} ${offsetMs}`;
    const known = this.#candles.get(key);
    if (known !== undefined) return known.publish(time);
    const series = new CandleSeries(interval, offsetMs, time, this.#totals.last);
    this.#candles.set(key, series);
    return series.publish(time);
  }

  /** A price in ticks, as printed. */
  price(ticks: number): string {
    return printUnits(ticks, this.spec.priceDecimals);
  }

  /** A quantity in lots, as printed. */
  quantity(lots: number): string {
    return printUnits(lots, this.spec.quantityDecimals);
  }

  /** A volume in the quote asset, as printed. */
  quoteVolume(units: bigint): string {
    return printUnits(units, this.spec.priceDecimals + this.spec.quantityDecimals);
  }

  #trade(order: TakerOrder): TakerOrder {
    this.#totals = addOrder(this.#totals, order);
    for (const series of this.#candles.values()) series.add(order, this.#time);
    return order;
  }

  #apply(change: BookChange): void {
    this.#book.apply(change);
    this.#lastUpdateId++;
  }

  #takePending(): readonly BookChange[] {
    const changes = this.#pending ?? this.#bookGenerator.next();
    this.#pending = undefined;
    return changes;
  }

  #takeSlow(): DepthBatch {
    const batch: DepthBatch = {
      firstId: this.#slowFrom,
      lastId: this.#lastUpdateId,
      changes: this.#sinceSlow,
    };
    this.#sinceSlow = [];
    this.#slowFrom = this.#lastUpdateId + 1;
    return batch;
  }

  #print(book: Book, lastUpdateId: number, limit: number): DepthSnapshot {
    const side = (levels: Array<readonly [number, number]>): Array<readonly [string, string]> =>
      levels.map(([ticks, lots]) => [this.price(ticks), this.quantity(lots)] as const);
    return {
      lastUpdateId,
      bids: side(book.bids.levels(limit)),
      asks: side(book.asks.levels(limit)),
    };
  }
}
