import { WsError } from "@oath-ws/contract";
import type { ReceivedFrame } from "@oath-ws/contract";
import type { Command, Grammar, Inbox, RefusalVerdict, VenueState } from "@oath-ws/venue-kit";
import { readText } from "./wire.js";
import type { KrakenAnswer, KrakenMessage } from "./wire.js";

/** What can be subscribed; a topic is a channel and a symbol, `trade:BTC/USD`. */
const CHANNELS = ["trade", "ticker", "book"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The language of Kraken's market data. It keeps nothing of any connection. */
export class KrakenGrammar implements Grammar {
  readonly #params: Readonly<Record<Channel, object>>;

  constructor(depth: number) {
    this.#params = {
      trade: { snapshot: true },
      ticker: { event_trigger: "bbo" },
      book: { depth },
    };
  }

  /**
   * A message names one channel (K-2), so a command is up to three. A refusal names a symbol and no
   * channel (K-4): its `req_id` tells the channel beside the command.
   */
  encode({ id, kind, topics }: Command): readonly string[] {
    return CHANNELS.flatMap((channel, index) => {
      const named = topics.filter((topic) => isOf(channel, topic));
      if (named.length === 0) return [];
      const symbol = named.map((topic) => topic.slice(channel.length + 1));
      const params = { channel, symbol, ...this.#params[channel] };
      return [JSON.stringify({ method: kind, params, req_id: id * CHANNELS.length + index })];
    });
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    const message = readText(frame.text());
    if ("method" in message) answered(message, inbox);
    else told(message, inbox);
  }
}

function told({ channel, type, data = [] }: KrakenMessage, inbox: Inbox): void {
  switch (channel) {
    case "heartbeat":
      break;
    case "status":
      status(data[0], inbox);
      return;
    case "trade":
    case "ticker":
      for (const payload of data) event(channel, payload, payload, inbox);
      break;
    case "book":
      for (const payload of data) event(channel, payload, { type, ...Object(payload) }, inbox);
      break;
    default:
      inbox.unreadable(() => false, unknown(`a message of the channel ${channel}`));
      return;
  }
  // Heartbeats come only when nothing else does (K-5).
  inbox.beat();
}

/** An event of a topic. One without a symbol may be about any topic of its channel. */
function event(channel: Channel, payload: unknown, data: unknown, inbox: Inbox): void {
  const { symbol } = Object(payload) as { readonly symbol?: unknown };
  if (typeof symbol === "string") inbox.event(`${channel}:${symbol}`, data);
  else inbox.unreadable((topic) => isOf(channel, topic), unknown(`a ${channel} without a symbol`));
}

const STATES: Readonly<Record<string, VenueState>> = {
  online: "open",
  post_only: "limited",
  cancel_only: "limited",
  maintenance: "halted",
};

/** Sent on every new connection, and when the state changes (K-6). */
function status(payload: unknown, inbox: Inbox): void {
  const { system } = Object(payload) as { readonly system?: unknown };
  inbox.venueStatus(STATES[String(system)] ?? "unknown", String(system));
}

function answered(answer: KrakenAnswer, inbox: Inbox): void {
  const { method, success, req_id = 0, result, error = "" } = answer;
  if (method !== "subscribe" && method !== "unsubscribe") return;
  const id = Math.floor(req_id / CHANNELS.length);
  const symbol = result?.symbol ?? answer.symbol;
  if (symbol === undefined) {
    inbox.refused(id, refusal(error), verdictOf(error));
    return;
  }
  const channel = CHANNELS[req_id % CHANNELS.length];
  const topic = `${channel}:${symbol}`;
  // An answer was lost before. And what is not subscribed need not be unsubscribed.
  const isThere = /already subscribed/i.test(error);
  if (success === true || method === "unsubscribe" || isThere) inbox.topicConfirmed(topic, id);
  else inbox.topicRefused(topic, refusal(error), verdictOf(error));
}

/** What the venue will refuse next time as well (K-4). Any other text passes. */
function verdictOf(error: string): RefusalVerdict {
  return /not supported|malformed|ISO 4217|invalid/i.test(error) ? "never" : "notNow";
}

function refusal(error: string): WsError {
  const kind = /rate limit/i.test(error) ? "throttled" : "client";
  return new WsError({ kind, code: "REFUSED", message: `Kraken refused: ${error}` });
}

function unknown(what: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message: `Kraken sent ${what}` });
}

function isOf(channel: string, topic: string): boolean {
  return topic.startsWith(`${channel}:`);
}
