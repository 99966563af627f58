import { type EncodedText, encodeBytes, encodeText } from "../../wire/encoded-text.js";
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
import type { SbeEncoder, SbeEvent } from "../sbe/sbe-events.js";
import { parseSbeName, type SbeStream, sbeRecordName } from "../sbe/sbe-stream.js";

/** How a connection gets events. */
export type Encoding = "json" | "sbe";

/** An event in either encoding. */
export type AnyEvent = MarketEvent | SbeEvent;

/** A listener that gets events: a market connection. */
export interface Subscriber {
  readonly unit: TimeUnit;
  /** Whether it wants the `{"stream","data"}` wrapper. */
  readonly combined: boolean;
  readonly encoding: Encoding;
  /** @param stream its name in the record */
  deliver(stream: string, event: AnyEvent, text: EncodedText): void;
}

/** One stream with its subscribers. */
class Topic<S> {
  /** Its name in the record, which tells the encodings apart. */
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
  readonly #sbe: SbeEncoder;
  /** Topics by symbol, then by their name in the record. */
  readonly #bySymbol: Map<string, Map<string, Topic<SymbolStream | SbeStream>>> = new Map();
  readonly #marketWide: Map<string, Topic<MarketWideStream>> = new Map();
  readonly #moved: Set<SymbolMarket> = new Set();

  constructor(log: SentLog, sbe: SbeEncoder) {
    this.#log = log;
    this.#sbe = sbe;
  }

  /**
   * Adds a subscriber. Names that mean nothing are accepted and never deliver, like on the venue.
   */
  subscribe(name: string, subscriber: Subscriber): void {
    this.#topic(name, subscriber.encoding, true)?.subscribers.add(subscriber);
  }

  unsubscribe(name: string, subscriber: Subscriber): void {
    const { encoding } = subscriber;
    const topic = this.#topic(name, encoding, false);
    topic?.subscribers.delete(subscriber);
    if (topic?.subscribers.size === 0) this.#remove(name, encoding);
  }

  stepped(market: SymbolMarket, step: SymbolStep): void {
    if (step.orders.length > 0 && this.#marketWide.size > 0) this.#moved.add(market);
    const topics = this.#bySymbol.get(market.spec.symbol);
    if (topics === undefined) return;
    for (const topic of topics.values()) {
      const { stream } = topic;
      const events =
        stream.kind === "sbe"
          ? this.#sbe.step(stream, market, step)
          : stepEvents(stream, market, step);
      for (const event of events) this.#publish(topic, event);
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
      const { stream } = topic;
      if (stream.kind !== "sbe") {
        for (const event of orderEvents(stream, market, order, market.time))
          this.#publish(topic, event);
      } else if (stream.template === "trade") {
        this.#publish(topic, this.#sbe.order(market, order, market.time));
      }
    }
  }

  /** Symbols whose trades are followed. */
  tradedSymbols(): readonly string[] {
    const symbols: string[] = [];
    for (const [symbol, topics] of this.#bySymbol) {
      const traded = [...topics.values()].some(({ stream }) =>
        stream.kind === "sbe"
          ? stream.template === "trade"
          : stream.kind === "trade" || stream.kind === "aggTrade",
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

  #publish(topic: Topic<unknown>, event: AnyEvent): void {
    if (topic.gap > 0 && event.ids !== undefined) {
      topic.gap--;
      return;
    }
    this.#log.published(topic.name, event.ids);
    if (event.kind === "sbe") {
      if (this.#log.keepsPayloads) this.#log.payload(topic.name, event.bytes.toString("hex"));
      const message = encodeBytes(event.bytes, "binary");
      for (const subscriber of topic.subscribers) subscriber.deliver(topic.name, event, message);
      return;
    }
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

  #topic(name: string, encoding: Encoding, create: boolean): Topic<unknown> | undefined {
    const parsed = parseName(name, encoding);
    if (parsed === undefined) return undefined;
    if (parsed.scope === "market") return obtain(this.#marketWide, name, parsed.stream, create);
    let topics = this.#bySymbol.get(parsed.symbol);
    if (topics === undefined && create) {
      topics = new Map();
      this.#bySymbol.set(parsed.symbol, topics);
    }
    return topics === undefined ? undefined : obtain(topics, parsed.record, parsed.stream, create);
  }

  #remove(name: string, encoding: Encoding): void {
    const parsed = parseName(name, encoding);
    if (parsed === undefined) return;
    if (parsed.scope === "market") {
      this.#marketWide.delete(name);
      return;
    }
    const topics = this.#bySymbol.get(parsed.symbol);
    topics?.delete(parsed.record);
    if (topics?.size === 0) this.#bySymbol.delete(parsed.symbol);
  }
}

/** A name as one encoding knows it, and what it is called in the record. */
type KnownName =
  | { readonly scope: "market"; readonly stream: MarketWideStream }
  | {
      readonly scope: "symbol";
      readonly symbol: string;
      readonly stream: SymbolStream | SbeStream;
      readonly record: string;
    };

function parseName(name: string, encoding: Encoding): KnownName | undefined {
  if (encoding === "sbe") {
    const parsed = parseSbeName(name);
    return parsed && { scope: "symbol", ...parsed, record: sbeRecordName(name) };
  }
  const parsed = parseStreamName(name);
  return parsed?.scope === "symbol" ? { ...parsed, record: name } : parsed;
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
