import { WsError } from "@oath-ws/contract";
import type { Envelope, EventType, LevelUpdate } from "../market/payloads.js";
import type { ProductAliases } from "../market/product-aliases.js";

/** A frame with a channel. What it holds beyond its number is for its channel's decoder. */
export interface ChannelFrame {
  readonly channel: string;
  readonly sequence_num: number;
  readonly timestamp: unknown;
  readonly events: unknown;
}

/** What a frame is, as far as all channels have it in common. */
export type Message =
  | { readonly kind: "channel"; readonly frame: ChannelFrame }
  | { readonly kind: "error"; readonly text: string }
  /** It has no channel and no number, so it carries nothing of any topic. */
  | { readonly kind: "unknown" };

type Fields = Readonly<Record<string, unknown>>;
type Emit = (topic: string, payload: Envelope) => void;

/**
 * Told of an event that cannot be read: of these topics, or of any topic of the channel when it
 * names none.
 */
type Lose = (channel: string, topics: readonly string[] | undefined, error: unknown) => void;

/**
 * The frame that says which topics the venue has for a connection: all of them, every time (C-4).
 */
export const SUBSCRIPTIONS = "subscriptions";

/**
 * Reads a frame as far as all channels have it in common.
 *
 * @throws WsError `FRAME_UNKNOWN`, or what `JSON.parse` throws, when it may have carried anything
 */
export function readFrame(text: string): Message {
  const value = asFields(JSON.parse(text), "the venue sent JSON that is no object");
  const { type, message, channel, timestamp, sequence_num: number, events } = value;
  if (channel === undefined && number === undefined) {
    if (type !== "error") return { kind: "unknown" };
    return { kind: "error", text: typeof message === "string" ? message : "" };
  }
  if (typeof channel !== "string" || !isCount(number))
    throw unknown("the venue sent neither a channel's frame nor an error");
  return { kind: "channel", frame: { channel, sequence_num: number, timestamp, events } };
}

/**
 * The topics that a `subscriptions` frame lists.
 *
 * @throws WsError `FRAME_UNKNOWN` when the list cannot be read
 */
export function readSubscriptions(
  { channel, events }: ChannelFrame,
  aliases: ProductAliases,
): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const event of asList(events, channel)) {
    const { subscriptions } = asFields(event, "a list of subscriptions is no object");
    for (const [name, entries] of Object.entries(
      asFields(subscriptions, "the list of subscriptions is no object"),
    )) {
      for (const entry of asList(entries, name)) {
        if (typeof entry !== "string") throw unknown(`a subscription of ${name} is no text`);
        // Channels without products list themselves, or the user.
        topics.add(PRODUCT_CHANNELS.has(name) ? `${name}:${aliases.canonical(entry)}` : name);
      }
    }
  }
  return topics;
}

/** Channels whose topics have a product. */
export const PRODUCT_CHANNELS: ReadonlySet<string> = new Set([
  "candles",
  "level2",
  "market_trades",
  "status",
  "ticker",
  "ticker_batch",
]);

/** Where the topics of a channel's events are named: a list of entries, and their key. */
const ENTRIES: Readonly<Record<string, readonly [list: string, key: string]>> = {
  ticker: ["tickers", "product_id"],
  ticker_batch: ["tickers", "product_id"],
  candles: ["candles", "product_id"],
  market_trades: ["trades", "product_id"],
  status: ["products", "id"],
};

/** `level2` calls itself otherwise in its frames. */
const TOPIC_CHANNELS: Readonly<Record<string, string>> = { l2_data: "level2" };

/**
 * Takes the events of a frame apart by topic. An event that cannot be read is given to `lose`, and
 * costs no other one.
 *
 * @returns whether the channel is known
 */
export function decodeEvents(
  frame: ChannelFrame,
  aliases: ProductAliases,
  emit: Emit,
  lose: Lose,
): boolean {
  const { channel, timestamp, sequence_num, events } = frame;
  const decode = DECODERS[channel];
  if (decode === undefined || !Object.hasOwn(DECODERS, channel)) return false;
  const topicChannel = TOPIC_CHANNELS[channel] ?? channel;
  if (typeof timestamp !== "string" || !Array.isArray(events)) {
    lose(topicChannel, undefined, unknown(`a frame of ${channel} lacks its time or its events`));
    return true;
  }
  const envelope: Envelope = { timestamp, sequence_num };
  for (const event of events as readonly unknown[]) {
    try {
      decode(
        asFields(event, `an event of ${channel} is no object`),
        channel,
        envelope,
        aliases,
        emit,
      );
    } catch (error) {
      lose(topicChannel, topicsNamed(event, channel, aliases), error);
    }
  }
  return true;
}

type Decode = (
  event: Fields,
  channel: string,
  envelope: Envelope,
  aliases: ProductAliases,
  emit: Emit,
) => void;

const DECODERS: Readonly<Record<string, Decode>> = {
  heartbeats: (event, channel, envelope, _aliases, emit) =>
    emit(channel, heartbeat(event, envelope)),
  l2_data: (event, channel, envelope, aliases, emit) => {
    const product = asProduct(event["product_id"], channel);
    const updates = asList(event["updates"], channel) as readonly LevelUpdate[];
    const { timestamp, sequence_num, type } = typed(event, envelope, channel);
    emit(`level2:${aliases.canonical(product)}`, {
      timestamp,
      sequence_num,
      type,
      product_id: product,
      updates,
    } as Envelope);
  },
  ticker: byTicker,
  ticker_batch: byTicker,
  candles: byProduct,
  market_trades: byProduct,
  status: byProduct,
  user: (event, channel, envelope, _aliases, emit) => {
    const { orders = [], positions } = event;
    emit(channel, {
      ...typed(event, envelope, channel),
      orders: asList(orders, channel),
      positions,
    } as Envelope);
  },
  futures_balance_summary: (event, channel, envelope, _aliases, emit) => {
    const balance = asFields(event["fcm_balance_summary"], "a futures balance is no object");
    emit(channel, {
      ...typed(event, envelope, channel),
      fcm_balance_summary: balance,
    } as Envelope);
  },
};

/** The topics that an event names which cannot be read; `undefined` when it may be of any. */
function topicsNamed(
  event: unknown,
  channel: string,
  aliases: ProductAliases,
): readonly string[] | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const fields = event as Fields;
  const topicChannel = TOPIC_CHANNELS[channel] ?? channel;
  const topicOf = (product: unknown): string | undefined =>
    typeof product === "string" ? `${topicChannel}:${aliases.canonical(product)}` : undefined;
  if (channel === "l2_data") {
    const topic = topicOf(fields["product_id"]);
    return topic === undefined ? undefined : [topic];
  }
  const [list, key] = ENTRIES[channel] ?? [];
  const entries: unknown = list === undefined ? undefined : fields[list];
  if (key === undefined || !Array.isArray(entries)) return undefined;
  const topics = (entries as readonly unknown[]).map((entry) =>
    topicOf((entry as Fields | null | undefined)?.[key]),
  );
  return topics.every((topic) => topic !== undefined) ? topics : undefined;
}

function heartbeat(event: Fields, { timestamp, sequence_num }: Envelope): Envelope {
  // The documentation shows a text, the wire has a number (C-9).
  const counter = Number(event["heartbeat_counter"]);
  if (!Number.isSafeInteger(counter)) throw unknown("a heartbeat has no counter");
  return {
    timestamp,
    sequence_num,
    heartbeat_counter: counter,
    current_time: String(event["current_time"]),
  } as Envelope;
}

/** One event for each ticker of an event. */
function byTicker(
  event: Fields,
  channel: string,
  envelope: Envelope,
  aliases: ProductAliases,
  emit: Emit,
): void {
  const { timestamp, sequence_num, type } = typed(event, envelope, channel);
  const tickers = asList(event["tickers"], channel);
  // All are looked at before the first is told: what is told is not lost.
  for (const ticker of tickers) productOf(ticker, "product_id", channel);
  for (const ticker of tickers) {
    const product = productOf(ticker, "product_id", channel);
    const payload = { timestamp, sequence_num, type, ticker };
    emit(`${channel}:${aliases.canonical(product)}`, payload);
  }
}

/**
 * One event for each product among the entries of an event. A snapshot without entries names no
 * product and belongs to no topic.
 */
function byProduct(
  event: Fields,
  channel: string,
  envelope: Envelope,
  aliases: ProductAliases,
  emit: Emit,
): void {
  const [list = "", key = ""] = ENTRIES[channel] ?? [];
  const type = typed(event, envelope, channel);
  const groups = new Map<string, unknown[]>();
  for (const entry of asList(event[list], channel)) {
    const topic = `${channel}:${aliases.canonical(productOf(entry, key, channel))}`;
    const group = groups.get(topic);
    if (group === undefined) groups.set(topic, [entry]);
    else group.push(entry);
  }
  for (const [topic, entries] of groups) emit(topic, { ...type, [list]: entries });
}

function productOf(entry: unknown, key: string, channel: string): string {
  return asProduct(asFields(entry, `an entry of ${channel} is no object`)[key], channel);
}

function typed(
  event: Fields,
  envelope: Envelope,
  channel: string,
): Envelope & { readonly type: EventType } {
  const { type } = event;
  if (type !== "snapshot" && type !== "update")
    throw unknown(`an event of ${channel} is neither a snapshot nor an update`);
  // Field by field, as everywhere on the way of an event: an object that begins with a spread took
  // some 1 us to make (Node 20).
  const { timestamp, sequence_num } = envelope;
  return { timestamp, sequence_num, type };
}

function asFields(value: unknown, problem: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unknown(problem);
  return value as Fields;
}

function asList(value: unknown, channel: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unknown(`an event of ${channel} lacks its list`);
  return value;
}

function asProduct(value: unknown, channel: string): string {
  if (typeof value !== "string") throw unknown(`an event of ${channel} names no product`);
  return value;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function unknown(message: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message });
}
