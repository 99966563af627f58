/**
 * The payloads of the streams in SBE with prices and quantities as the wire has them. No text is
 * made of them.
 */
import type {
  Mantissa,
  ScaledBestBidAsk,
  ScaledDepthUpdate,
  ScaledPartialDepth,
  ScaledTrade,
} from "../market/scaled-payloads.js";
import type { SbeMessage } from "./message.js";
import type { SbeStream } from "./template.js";

/**
 * The payload of a message.
 *
 * @param index of the trade in a message of trades; 0 otherwise
 * @throws WsError `FRAME_UNKNOWN` for values that cannot be
 */
export function scaledPayload(
  stream: SbeStream,
  message: SbeMessage,
  index: number,
  symbol: string,
): ScaledTrade | ScaledBestBidAsk | ScaledDepthUpdate | ScaledPartialDepth {
  const { priceExponent, quantityExponent } = message;
  switch (stream) {
    case "trade":
      return {
        e: "trade",
        E: message.whole(0),
        s: symbol,
        t: message.entryWhole(0, index, 0),
        p: message.entryMantissa(0, index, 8),
        q: message.entryMantissa(0, index, 16),
        T: message.whole(8),
        m: message.entryFlag(0, index, 24),
        M: true,
        priceExponent,
        quantityExponent,
      };
    case "bestBidAsk":
      return {
        E: message.whole(0),
        u: message.whole(8),
        s: symbol,
        b: message.mantissa(18),
        B: message.mantissa(26),
        a: message.mantissa(34),
        A: message.mantissa(42),
        priceExponent,
        quantityExponent,
      };
    case "depth20":
      return {
        E: message.whole(0),
        s: symbol,
        lastUpdateId: message.whole(8),
        bids: levels(message, 0),
        asks: levels(message, 1),
        priceExponent,
        quantityExponent,
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
        priceExponent,
        quantityExponent,
      };
    default:
      return stream satisfies never;
  }
}

function levels(message: SbeMessage, group: number): Mantissa[] {
  const all: Mantissa[] = [];
  for (let index = 0; index < message.count(group); index++)
    all.push(message.entryMantissa(group, index, 0), message.entryMantissa(group, index, 8));
  return all;
}
