import type { BookChange } from "../../market/book.js";
import type { DepthBatch, SymbolMarket, SymbolStep } from "../../market/symbol-market.js";
import type { TakerOrder } from "../../market/trade-generator.js";
import type { IdSpan } from "../../record.js";
import type { SbeOptions } from "../options.js";
import type { SbeStream } from "./sbe-stream.js";
import { type Fields, SbeWriter } from "./sbe-writer.js";

/** One message in SBE, and the ids in it where they have no holes. */
export interface SbeEvent {
  readonly kind: "sbe";
  readonly ids: IdSpan | undefined;
  readonly bytes: Buffer;
}

/** A price in ticks and a quantity in lots. */
type Level = readonly [price: number, lots: number];

const LEVEL_BYTES = 16;
const TRADE_BYTES = 25;
/** Half the time of a step: depth comes every 50 ms, two messages a step. */
const HALF_STEP_MS = 50;

/** Writes what happens to the symbols of a market as the venue's SBE messages. */
export class SbeEncoder {
  readonly #options: Required<SbeOptions>;

  constructor(options: Required<SbeOptions>) {
    this.#options = options;
  }

  /** The messages that a step of a symbol brings to one of its streams. */
  step({ template }: SbeStream, market: SymbolMarket, step: SymbolStep): readonly SbeEvent[] {
    const { time } = step;
    switch (template) {
      case "trade":
        return step.orders.map((order) => this.order(market, order, time));
      case "bestBidAsk":
        return step.topMoved ? [this.#bestBidAsk(market, time)] : [];
      case "depth":
        return this.#depth(market, step.fast, time);
      case "depth20":
        return [this.#depth20(market, time)];
      default:
        return template satisfies never;
    }
  }

  /** All executions of one taker order are one message. */
  order(market: SymbolMarket, { trades }: TakerOrder, time: number): SbeEvent {
    const bytes = new SbeWriter(this.#options)
      .block(10_000, (fields) => this.#exponents(fields.int64(micros(time)).int64(micros(time))))
      .group(4, TRADE_BYTES, trades, (fields, trade) =>
        fields
          .int64(trade.id)
          .int64(this.#price(market, trade.price))
          .int64(this.#quantity(market, trade.lots))
          .flag(trade.buyerIsMaker),
      )
      .symbol(market.spec.symbol);
    const ids = { first: trades[0]?.id ?? 0, last: trades[trades.length - 1]?.id ?? 0 };
    return { kind: "sbe", ids, bytes };
  }

  #bestBidAsk(market: SymbolMarket, time: number): SbeEvent {
    const bytes = new SbeWriter(this.#options)
      .block(10_001, (fields) =>
        this.#exponents(fields.int64(micros(time)).int64(market.lastUpdateId))
          .int64(this.#price(market, market.bestBid))
          .int64(this.#quantity(market, market.bidLots))
          .int64(this.#price(market, market.bestAsk))
          .int64(this.#quantity(market, market.askLots)),
      )
      .symbol(market.spec.symbol);
    return { kind: "sbe", ids: undefined, bytes };
  }

  #depth20(market: SymbolMarket, time: number): SbeEvent {
    const { bids, asks } = market.top(20);
    const writer = new SbeWriter(this.#options).block(10_002, (fields) =>
      this.#exponents(fields.int64(micros(time)).int64(market.lastUpdateId)),
    );
    this.#levels(writer, market, bids);
    this.#levels(writer, market, asks);
    return { kind: "sbe", ids: undefined, bytes: writer.symbol(market.spec.symbol) };
  }

  #depth(market: SymbolMarket, batch: DepthBatch, time: number): readonly SbeEvent[] {
    return halves(batch).map(({ firstId, lastId, changes }, index, all) => {
      const at = micros(time - HALF_STEP_MS * (all.length - 1 - index));
      const writer = new SbeWriter(this.#options).block(10_003, (fields) =>
        this.#exponents(fields.int64(at).int64(firstId).int64(lastId)),
      );
      this.#levels(writer, market, lastOf(changes, "bid"));
      this.#levels(writer, market, lastOf(changes, "ask"));
      const bytes = writer.symbol(market.spec.symbol);
      return { kind: "sbe", ids: { first: firstId, last: lastId }, bytes };
    });
  }

  #levels(writer: SbeWriter, market: SymbolMarket, levels: readonly Level[]): void {
    writer.group(2, LEVEL_BYTES, levels, (fields, [price, lots]) =>
      fields.int64(this.#price(market, price)).int64(this.#quantity(market, lots)),
    );
  }

  #exponents(fields: Fields): Fields {
    return fields.int8(this.#options.priceExponent).int8(this.#options.quantityExponent);
  }

  #price({ spec }: SymbolMarket, ticks: number): bigint {
    return BigInt(ticks) * 10n ** BigInt(-this.#options.priceExponent - spec.priceDecimals);
  }

  #quantity({ spec }: SymbolMarket, lots: number): bigint {
    return BigInt(lots) * 10n ** BigInt(-this.#options.quantityExponent - spec.quantityDecimals);
  }
}

function micros(time: number): number {
  return time * 1_000;
}

/**
 * What happened in each half of a step. Every change has an id of its own. The first half has more
 * of them, so that a REST snapshot of the middle of a step falls inside a message.
 */
function halves(batch: DepthBatch): readonly DepthBatch[] {
  const { firstId, lastId, changes } = batch;
  if (changes.length < 2) return changes.length === 0 ? [] : [batch];
  const first = Math.min(changes.length - 1, Math.ceil((changes.length * 2) / 3));
  return [
    { firstId, lastId: firstId + first - 1, changes: changes.slice(0, first) },
    { firstId: firstId + first, lastId, changes: changes.slice(first) },
  ];
}

/** The levels of a side that changed, best first, each with what stands there at the end. */
function lastOf(changes: readonly BookChange[], side: BookChange["side"]): readonly Level[] {
  const last = new Map<number, number>();
  for (const change of changes) if (change.side === side) last.set(change.price, change.lots);
  return [...last].sort(([one], [other]) => (side === "bid" ? other - one : one - other));
}
