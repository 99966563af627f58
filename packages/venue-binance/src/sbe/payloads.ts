/**
 * The payloads of the streams in SBE with the fields of their JSON twins: prices and quantities are
 * exact decimal text, times count microseconds.
 */
import type { BestBidAsk, DepthUpdate, PartialDepth, PriceLevel } from "../market/book-payloads.js";
import type { Trade } from "../market/trade-payloads.js";
import { decimalTextAt } from "./decimal-text.js";
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
  const { view, block, priceExponent, quantityExponent } = message;
  switch (stream) {
    case "trade": {
      const entry = message.entryAt(0, index);
      return {
        e: "trade",
        E: message.whole(0),
        s: symbol,
        t: message.entryWhole(0, index, 0),
        p: decimalTextAt(view, entry + 8, priceExponent),
        q: decimalTextAt(view, entry + 16, quantityExponent),
        T: message.whole(8),
        m: message.entryFlag(0, index, 24),
        M: true,
      };
    }
    case "bestBidAsk":
      return {
        E: message.whole(0),
        u: message.whole(8),
        s: symbol,
        b: decimalTextAt(view, block + 18, priceExponent),
        B: decimalTextAt(view, block + 26, quantityExponent),
        a: decimalTextAt(view, block + 34, priceExponent),
        A: decimalTextAt(view, block + 42, quantityExponent),
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
  const { view, priceExponent, quantityExponent } = message;
  const stride = message.stride(group);
  const all: PriceLevel[] = [];
  let at = message.entryAt(group, 0);
  for (let left = message.count(group); left > 0; left--) {
    all.push([
      decimalTextAt(view, at, priceExponent),
      decimalTextAt(view, at + 8, quantityExponent),
    ]);
    at += stride;
  }
  return all;
}
