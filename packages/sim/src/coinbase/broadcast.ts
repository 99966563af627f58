import type { SentLog } from "../record.js";
import type { MarketListener } from "../market/market.js";
import type { SymbolMarket, SymbolStep } from "../market/symbol-market.js";
import type { TakerOrder } from "../market/trade-generator.js";
import type { SimAccount } from "./account.js";
import type { Channel } from "./channels.js";
import {
  candles,
  level2Snapshot,
  level2Update,
  marketTrades,
  status,
  ticker,
} from "./market/payloads.js";
import type { CoinbasePeer } from "./peer.js";
import type { CoinbaseSettings } from "./resolve-options.js";

/** Orders that wait for the next `market_trades` frame, and those before. */
interface Tape {
  readonly waiting: Array<{ readonly order: TakerOrder; readonly time: number }>;
  readonly recent: Array<{ readonly order: TakerOrder; readonly time: number }>;
}

/** Steps of 100 ms between two `market_trades` frames: the venue batches 250 ms. */
const TRADE_STEPS = 3;
/** Steps between two `ticker_batch` frames: 5 s. */
const BATCH_STEPS = 50;
const RECENT_ORDERS = 20;
/** Orders a frame of the `user` channel's snapshot (C-20). */
const ORDERS_PER_FRAME = 50;

/** Sends what happens in the market and in the accounts to the connections that follow it. */
export class Broadcast implements MarketListener {
  readonly #peers: () => Iterable<CoinbasePeer>;
  readonly #log: SentLog;
  readonly #tapes: Map<string, Tape> = new Map();

  readonly #trailingEmptyBatch: boolean;

  constructor(
    peers: () => Iterable<CoinbasePeer>,
    log: SentLog,
    { trailingEmptyBatch }: Pick<CoinbaseSettings["wire"], "trailingEmptyBatch">,
  ) {
    this.#peers = peers;
    this.#log = log;
    this.#trailingEmptyBatch = trailingEmptyBatch;
  }

  stepped(market: SymbolMarket, step: SymbolStep): void {
    const { symbol } = market.spec;
    this.#to(
      "level2",
      symbol,
      () => level2Update(market, step),
      step.fast.firstId,
      step.fast.lastId,
    );
    for (const order of step.orders) {
      this.#tape(symbol).waiting.push({ order, time: step.time });
      this.#to("ticker", symbol, () => ticker("ticker", "update", market));
    }
    if (step.step % TRADE_STEPS === 0) this.#flushTrades(market);
    if (step.step % BATCH_STEPS === 0)
      this.#to("ticker_batch", symbol, () => ticker("ticker_batch", "update", market));
    if (step.onSecond) this.#to("candles", symbol, () => candles("update", market));
  }

  settled(_onSecond: boolean): void {}

  /** An order out of turn goes out at once. */
  burst(market: SymbolMarket, order: TakerOrder): void {
    this.#tape(market.spec.symbol).waiting.push({ order, time: market.time });
    this.#flushTrades(market);
  }

  /** Products whose trades are followed. */
  tradedProducts(): readonly string[] {
    return [
      ...new Set(
        [...this.#peers()].flatMap((peer) => [
          ...(peer.channels.get("market_trades")?.keys() ?? []),
        ]),
      ),
    ];
  }

  /** What a subscription begins with. */
  snapshot(peer: CoinbasePeer, channel: Channel, markets: readonly SymbolMarket[]): void {
    switch (channel) {
      case "heartbeats":
        break;
      case "level2":
        for (const market of markets) {
          const stream = `level2:${market.spec.symbol}`;
          peer.event(channel, level2Snapshot(market), [
            { stream, first: 1, last: market.lastUpdateId },
          ]);
        }
        break;
      case "market_trades":
        for (const market of markets) {
          const { recent } = this.#tape(market.spec.symbol);
          peer.event(channel, marketTrades("snapshot", market, recent), [
            { stream: "market_trades:snapshot" },
          ]);
        }
        break;
      case "ticker":
      case "ticker_batch":
        for (const market of markets)
          peer.event(channel, ticker(channel, "snapshot", market), [
            { stream: name(channel, market) },
          ]);
        break;
      case "candles":
        for (const market of markets)
          peer.event(channel, candles("snapshot", market), [{ stream: name(channel, market) }]);
        break;
      case "status":
        peer.event(
          channel,
          status("snapshot", markets),
          markets.map((market) => ({ stream: name(channel, market) })),
        );
        break;
      case "user":
        this.#orders(peer);
        break;
      case "futures_balance_summary":
        if (peer.account !== undefined)
          peer.event(channel, balance("snapshot", peer.account), [{ stream: channel }]);
        break;
      default:
        channel satisfies never;
    }
  }

  /** An order of an account changed. */
  ordered(account: SimAccount, order: object): void {
    for (const peer of this.#peers()) {
      if (peer.account === account && peer.follows("user")) {
        peer.event("user", JSON.stringify({ type: "update", orders: [order] }), [
          { stream: "user" },
        ]);
      }
    }
  }

  /** An account's balance changed. */
  balanced(account: SimAccount): void {
    for (const peer of this.#peers()) {
      if (peer.account === account && peer.follows("futures_balance_summary")) {
        peer.event("futures_balance_summary", balance("update", account), [
          { stream: "futures_balance_summary" },
        ]);
      }
    }
  }

  #orders(peer: CoinbasePeer): void {
    const orders = peer.account?.orders ?? [];
    for (let from = 0; ; from += ORDERS_PER_FRAME) {
      const batch = orders.slice(from, from + ORDERS_PER_FRAME);
      const positions = {
        perpetual_futures_positions: [],
        expiring_futures_positions: [],
        prediction_market_positions: [],
      };
      peer.event("user", JSON.stringify({ type: "snapshot", orders: batch, positions }), [
        { stream: "user" },
      ]);
      const left = orders.length - from - batch.length;
      const isFull = batch.length === ORDERS_PER_FRAME;
      if (left === 0 && !(isFull && this.#trailingEmptyBatch)) return;
    }
  }

  #flushTrades(market: SymbolMarket): void {
    const { symbol } = market.spec;
    const { waiting, recent } = this.#tape(symbol);
    if (waiting.length === 0) return;
    const orders = waiting.splice(0);
    recent.push(...orders);
    recent.splice(0, Math.max(0, recent.length - RECENT_ORDERS));
    const trades = orders.flatMap(({ order }) => order.trades);
    const first = trades[0]?.id ?? 0;
    this.#to(
      "market_trades",
      symbol,
      () => marketTrades("update", market, orders),
      first,
      trades.at(-1)?.id ?? first,
    );
  }

  #tape(symbol: string): Tape {
    let tape = this.#tapes.get(symbol);
    if (tape === undefined) {
      tape = { waiting: [], recent: [] };
      this.#tapes.set(symbol, tape);
    }
    return tape;
  }

  #to(channel: Channel, symbol: string, make: () => string, first?: number, last?: number): void {
    let event: string | undefined;
    const stream = `${channel}:${symbol}`;
    for (const peer of this.#peers()) {
      if (!peer.follows(channel, symbol)) continue;
      if (event === undefined) {
        event = make();
        this.#log.published(
          stream,
          first === undefined || last === undefined ? undefined : { first, last },
        );
      }
      peer.event(channel, event, [{ stream, first, last }]);
    }
  }
}

function name(channel: Channel, market: SymbolMarket): string {
  return `${channel}:${market.spec.symbol}`;
}

function balance(type: "snapshot" | "update", account: SimAccount): string {
  return JSON.stringify({ type, fcm_balance_summary: account.balance });
}
