/**
 * The payloads of the streams in SBE with the fields of their JSON twins: prices and quantities are
 * exact decimal text, times count microseconds.
 */
import type { BestBidAsk, DepthUpdate, PartialDepth, PriceLevel } from "../market/book-payloads.js";
import type { Trade } from "../market/trade-payloads.js";
import { decimalText } from "./decimal-text.js";
import type { SbeMessage } from "./message.js";
import type { SbeStream } from "./template.js";

/**
 * The payload of a message.
 *
 * @param index of the trade in a message of trades, which holds all those that one order made; 0
 *   otherwise
 * @throws WsError `FRAME_UNKNOWN` for values that cannot be
 */
export function textPayload(
  stream: SbeStream,
  message: SbeMessage,
  index: number,
  symbol: string,
): Trade | BestBidAsk | DepthUpdate | PartialDepth {
  const { priceExponent, quantityExponent } = message;
  switch (stream) {
    case "trade":
      return {
        e: "trade",
        E: message.whole(0),
        s: symbol,
        t: message.entryWhole(0, index, 0),
        p: decimalText(message.entryMantissa(0, index, 8), priceExponent),
        q: decimalText(message.entryMantissa(0, index, 16), quantityExponent),
        T: message.whole(8),
        m: message.entryFlag(0, index, 24),
        M: true,
      };
    case "bestBidAsk":
      return {
        E: message.whole(0),
        u: message.whole(8),
        s: symbol,
        b: decimalText(message.mantissa(18), priceExponent),
        B: decimalText(message.mantissa(26), quantityExponent),
        a: decimalText(message.mantissa(34), priceExponent),
        A: decimalText(message.mantissa(42), quantityExponent),
      };
    case "depth20":
      return {
        E: message.whole(0),
        s: symbol,
        lastUpdateId: message.whole(8),
        bids: levels(message, 0),
        asks: levels(message, 1),
      };
    case "depth":
      return {
        e: "depthUpdate",
        E: message.whole(0),
        s: symbol,
        U: message.whole(8),
        u: message.whole(16),
        b: levels(message, 0),
        a: levels(message, 1),
      };
    default:
      return stream satisfies never;
  }
}

function levels(message: SbeMessage, group: number): PriceLevel[] {
  const { priceExponent, quantityExponent } = message;
  const all: PriceLevel[] = [];
  for (let index = 0; index < message.count(group); index++) {
    all.push([
      decimalText(message.entryMantissa(group, index, 0), priceExponent),
      decimalText(message.entryMantissa(group, index, 8), quantityExponent),
    ]);
  }
  return all;
}
