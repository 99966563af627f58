import { WsError } from "@oath-ws/contract";
import type { MarketChannel } from "./payloads.js";

/** A topic of the market: a channel and, except for `heartbeats`, a product. */
export interface TopicName {
  /** `channel:product`, the product in upper case: the name in events. */
  readonly name: string;
  readonly channel: MarketChannel;
  /** `undefined` for `heartbeats`. */
  readonly product: string | undefined;
}

const CHANNELS: Readonly<Record<MarketChannel, true>> = {
  heartbeats: true,
  candles: true,
  level2: true,
  market_trades: true,
  status: true,
  ticker: true,
  ticker_batch: true,
};

/**
 * Reads the name of a topic: `ticker:BTC-USD`, `level2:eth-usd`, `heartbeats`.
 *
 * @throws WsError `TOPIC_INVALID` saying what is wrong
 */
export function parseTopicName(text: string): TopicName {
  if (typeof text !== "string") throw invalid("must be a text");
  const colon = text.indexOf(":");
  const channel = colon < 0 ? text : text.slice(0, colon);
  if (!isMarketChannel(channel))
    throw invalid(`is of no channel (known: ${Object.keys(CHANNELS).join(", ")})`);
  if (channel === "heartbeats") {
    if (colon >= 0) throw invalid("names a product, but heartbeats have none");
    return { name: channel, channel, product: undefined };
  }
  const product = checkProduct(colon < 0 ? "" : text.slice(colon + 1));
  return { name: `${channel}:${product}`, channel, product };
}

/**
 * A product id in upper case.
 *
 * @throws WsError `TOPIC_INVALID` for what cannot be one
 */
export function checkProduct(text: string): string {
  const product = typeof text === "string" ? text.toUpperCase() : "";
  if (!/^[A-Z0-9]+(-[A-Z0-9]+)+$/.test(product))
    throw invalid("needs a product id such as BTC-USD");
  return product;
}

function isMarketChannel(text: string): text is MarketChannel {
  return Object.hasOwn(CHANNELS, text);
}

function invalid(problem: string): WsError {
  return new WsError({ kind: "client", code: "TOPIC_INVALID", message: `the topic ${problem}` });
}
