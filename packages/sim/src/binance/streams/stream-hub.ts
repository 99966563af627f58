import { type EncodedText, encodeText } from "../../wire/encoded-text.js";
import {
  type MarketEvent,
  marketWideEvent,
  orderEvents,
  stepEvents,
} from "../market/market-event.js";
import type { MarketListener } from "../../market/market.js";
import type { TimeUnit } from "../market/payloads.js";
import {
  type MarketWideStream,
  parseStreamName,
  type SymbolStream,
} from "../market/stream-name.js";
import type { SymbolMarket, SymbolStep } from "../../market/symbol-market.js";
import type { TakerOrder } from "../../market/trade-generator.js";
import type { SentLog } from "../../record.js";

/** Somebody who gets events: a market connection. */
export interface Subscriber {
  readonly unit: TimeUnit;
  /** Whether it wants the `{"stream","data"}` wrapper. */
  readonly combined: boolean;
  deliver(stream: string, event: MarketEvent, text: EncodedText): void;
}

/** One stream with its subscribers. */
class Topic<S> {
  readonly name: string;
  readonly stream: S;
  readonly subscribers: Set<Subscriber> = new Set();
  /** Numbered events still to be left out: a hole in the ids. */
  gap = 0;

  constructor(name: string, stream: S) {
    this.name = name;
    this.stream = stream;
  }
}

/**
 * Brings the market's events to the connections that subscribed to them. Each event is encoded once
 * per form.
 */
export class StreamHub implements MarketListener {
  readonly #log: SentLog;
  /** Topics by symbol, then by stream name. */
  readonly #bySymbol: Map<string, Map<string, Topic<SymbolStream>>> = new Map();
  readonly #marketWide: Map<string, Topic<MarketWideStream>> = new Map();
  readonly #moved: Set<SymbolMarket> = new Set();

  constructor(log: SentLog) {
    this.#log = log;
  }

  /**
   * Adds a subscriber. Names that mean nothing are accepted and never deliver, like on the venue.
   */
  subscribe(name: string, subscriber: Subscriber): void {
    this.#topic(name, true)?.subscribers.add(subscriber);
  }

  unsubscribe(name: string, subscriber: Subscriber): void {
    const topic = this.#topic(name, false);
    topic?.subscribers.delete(subscriber);
    if (topic?.subscribers.size === 0) this.#remove(name);
  }

  stepped(market: SymbolMarket, step: SymbolStep): void {
    if (step.orders.length > 0 && this.#marketWide.size > 0) this.#moved.add(market);
    const topics = this.#bySymbol.get(market.spec.symbol);
    if (topics === undefined) return;
    for (const topic of topics.values()) {
      for (const event of stepEvents(topic.stream, market, step)) this.#publish(topic, event);
    }
  }

  settled(onSecond: boolean): void {
    if (!onSecond) return;
    for (const topic of this.#marketWide.values()) {
      const event = marketWideEvent(topic.stream, [...this.#moved]);
      if (event !== undefined) this.#publish(topic, event);
    }
    this.#moved.clear();
  }

  burst(market: SymbolMarket, order: TakerOrder): void {
    for (const topic of this.#bySymbol.get(market.spec.symbol)?.values() ?? []) {
      for (const event of orderEvents(topic.stream, market, order, market.time))
        this.#publish(topic, event);
    }
  }

  /** Symbols of which somebody follows the trades. */
  tradedSymbols(): readonly string[] {
    const symbols: string[] = [];
    for (const [symbol, topics] of this.#bySymbol) {
      const traded = [...topics.values()].some(
        ({ stream }) => stream.kind === "trade" || stream.kind === "aggTrade",
      );
      if (traded) symbols.push(symbol);
    }
    return symbols;
  }

  /** Leaves a hole of `events` events in every numbered stream, of one symbol or of all. */
  gap(events: number, symbol?: string): void {
    for (const [name, topics] of this.#bySymbol) {
      if (symbol !== undefined && name !== symbol) continue;
      for (const topic of topics.values()) topic.gap += events;
    }
  }

  /** Forgets gaps that have not happened yet. */
  clearGaps(): void {
    for (const topics of this.#bySymbol.values())
      for (const topic of topics.values()) topic.gap = 0;
  }

  #publish(topic: Topic<unknown>, event: MarketEvent): void {
    if (topic.gap > 0 && event.ids !== undefined) {
      topic.gap--;
      return;
    }
    this.#log.published(topic.name, event.ids);
    if (this.#log.keepsPayloads) this.#log.payload(topic.name, JSON.stringify(event.payload("ms")));
    const forms = new Map<string, EncodedText>();
    for (const subscriber of topic.subscribers) {
      const key = `${subscriber.unit}${subscriber.combined}`;
      let text = forms.get(key);
      if (text === undefined) {
        const payload = event.payload(subscriber.unit);
        text = encodeText(
          JSON.stringify(subscriber.combined ? { stream: topic.name, data: payload } : payload),
        );
        forms.set(key, text);
      }
      subscriber.deliver(topic.name, event, text);
    }
  }

  #topic(name: string, create: boolean): Topic<unknown> | undefined {
    const parsed = parseStreamName(name);
    if (parsed === undefined) return undefined;
    if (parsed.scope === "market") return obtain(this.#marketWide, name, parsed.stream, create);
    let topics = this.#bySymbol.get(parsed.symbol);
    if (topics === undefined && create) {
      topics = new Map();
      this.#bySymbol.set(parsed.symbol, topics);
    }
    return topics === undefined ? undefined : obtain(topics, name, parsed.stream, create);
  }

  #remove(name: string): void {
    const parsed = parseStreamName(name);
    if (parsed === undefined) return;
    if (parsed.scope === "market") {
      this.#marketWide.delete(name);
      return;
    }
    const topics = this.#bySymbol.get(parsed.symbol);
    topics?.delete(name);
    if (topics?.size === 0) this.#bySymbol.delete(parsed.symbol);
  }
}

function obtain<S>(
  topics: Map<string, Topic<S>>,
  name: string,
  stream: S,
  create: boolean,
): Topic<S> | undefined {
  const known = topics.get(name);
  if (known !== undefined || !create) return known;
  const made = new Topic(name, stream);
  topics.set(name, made);
  return made;
}
