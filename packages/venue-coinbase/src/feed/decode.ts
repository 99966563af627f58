import { WsError } from "@oath-ws/contract";
import type { Envelope, EventType, LevelUpdate } from "../market/payloads.js";
import type { ProductAliases } from "../market/product-aliases.js";

/** A frame with a channel. */
export interface ChannelFrame {
  readonly channel: string;
  readonly timestamp: string;
  readonly sequence_num: number;
  readonly events: readonly Fields[];
}

type Fields = Readonly<Record<string, unknown>>;
type Emit = (topic: string, payload: Envelope) => void;

/**
 * The frame that says which topics the venue has for a connection: all of them, every time (C-4).
 */
export const SUBSCRIPTIONS = "subscriptions";

/**
 * Reads a frame as far as all channels have it in common.
 *
 * @returns the text of an error frame, which has nothing else (reference 3); otherwise the frame
 * @throws WsError `FRAME_UNKNOWN` for anything else
 */
export function readFrame(text: string): ChannelFrame | string {
  const value = asFields(JSON.parse(text), "the venue sent JSON that is no object");
  const { type, message, channel, timestamp, sequence_num: number, events } = value;
  if (channel === undefined && type === "error") return typeof message === "string" ? message : "";
  if (
    typeof channel !== "string" ||
    typeof timestamp !== "string" ||
    !isCount(number) ||
    !Array.isArray(events)
  ) {
    throw unknown("the venue sent neither a channel's frame nor an error");
  }
  const read = events.map((event) => asFields(event, `an event of ${channel} is no object`));
  return { channel, timestamp, sequence_num: number, events: read };
}

/** The topics that a `subscriptions` frame lists. */
export function readSubscriptions(
  { events }: ChannelFrame,
  aliases: ProductAliases,
): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const { subscriptions } of events) {
    for (const [channel, names] of Object.entries(
      asFields(subscriptions, "the list of subscriptions is no object"),
    )) {
      for (const name of asList(names, channel)) {
        if (typeof name !== "string") throw unknown(`a subscription of ${channel} is no text`);
        // Channels without products list themselves, or the user.
        topics.add(
          PRODUCT_CHANNELS.has(channel) ? `${channel}:${aliases.canonical(name)}` : channel,
        );
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

/**
 * Takes the events of a frame apart by topic.
 *
 * @returns whether the channel is known
 * @throws WsError `FRAME_UNKNOWN` when an event is not what its channel documents; events before it
 *   were emitted
 */
export function decodeEvents(
  frame: ChannelFrame,
  stretch: number,
  aliases: ProductAliases,
  emit: Emit,
): boolean {
  const { channel, timestamp, sequence_num } = frame;
  const envelope: Envelope = { timestamp, sequence_num, stretch };
  for (const event of frame.events) {
    switch (channel) {
      case "heartbeats":
        emit(channel, heartbeat(event, envelope));
        break;
      case "l2_data": {
        const product = asProduct(event["product_id"], channel);
        const updates = asList(event["updates"], channel) as readonly LevelUpdate[];
        emit(`level2:${aliases.canonical(product)}`, {
          ...typed(event, envelope, channel),
          product_id: product,
          updates,
        } as Envelope);
        break;
      }
      case "ticker":
      case "ticker_batch":
        for (const ticker of asList(event["tickers"], channel)) {
          const { product_id: product } = asFields(ticker, "a ticker is no object");
          const topic = `${channel}:${aliases.canonical(asProduct(product, channel))}`;
          emit(topic, { ...typed(event, envelope, channel), ticker } as Envelope);
        }
        break;
      case "candles":
        byProduct(event, "candles", "product_id", channel, envelope, aliases, emit);
        break;
      case "market_trades":
        byProduct(event, "trades", "product_id", channel, envelope, aliases, emit);
        break;
      case "status":
        byProduct(event, "products", "id", channel, envelope, aliases, emit);
        break;
      case "user": {
        const { orders = [], positions } = event;
        emit(channel, {
          ...typed(event, envelope, channel),
          orders: asList(orders, channel),
          positions,
        } as Envelope);
        break;
      }
      case "futures_balance_summary": {
        const balance = asFields(event["fcm_balance_summary"], "a futures balance is no object");
        emit(channel, {
          ...typed(event, envelope, channel),
          fcm_balance_summary: balance,
        } as Envelope);
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

function heartbeat(event: Fields, envelope: Envelope): Envelope {
  // The documentation shows a text, the wire has a number (C-9).
  const counter = Number(event["heartbeat_counter"]);
  if (!Number.isSafeInteger(counter)) throw unknown("a heartbeat has no counter");
  return {
    ...envelope,
    heartbeat_counter: counter,
    current_time: String(event["current_time"]),
  } as Envelope;
}

/**
 * One event for each product among the entries of an event. A snapshot without entries names no
 * product and is nobody's.
 */
function byProduct(
  event: Fields,
  list: string,
  key: string,
  channel: string,
  envelope: Envelope,
  aliases: ProductAliases,
  emit: Emit,
): void {
  const groups = new Map<string, unknown[]>();
  for (const entry of asList(event[list], channel)) {
    const product = asProduct(asFields(entry, `an entry of ${channel} is no object`)[key], channel);
    const topic = `${channel}:${aliases.canonical(product)}`;
    const group = groups.get(topic);
    if (group === undefined) groups.set(topic, [entry]);
    else group.push(entry);
  }
  for (const [topic, entries] of groups)
    emit(topic, { ...typed(event, envelope, channel), [list]: entries });
}

function typed(
  event: Fields,
  envelope: Envelope,
  channel: string,
): Envelope & { readonly type: EventType } {
  const { type } = event;
  if (type !== "snapshot" && type !== "update")
    throw unknown(`an event of ${channel} is neither a snapshot nor an update`);
  return { ...envelope, type };
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
