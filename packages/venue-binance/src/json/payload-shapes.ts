/**
 * The payloads whose shape hardly ever changes, read from their bytes: each key in its place, and
 * nothing between. Every function returns `undefined` when anything else stands there.
 */
import { Literal } from "@oath-ws/venue-kit";
import type { ByteCursor } from "@oath-ws/venue-kit";
import type { KnownStream, ShapedKind } from "./known-stream.js";
import type { Values } from "./values.js";

const TRADE = new Literal('{"e":"trade","E":');
const AGG_TRADE = new Literal('{"e":"aggTrade","E":');
const DEPTH = new Literal('{"e":"depthUpdate","E":');
const BOOK_TICKER = new Literal('{"u":');

/** What each kind of payload begins with, before its first number. */
export const HEADS: Readonly<Record<ShapedKind, Literal>> = {
  trade: TRADE,
  aggTrade: AGG_TRADE,
  depth: DEPTH,
  bookTicker: BOOK_TICKER,
};

const PRICE = new Literal(',"p":"');
const QUANTITY = new Literal('","q":"');
const FIRST_ID = new Literal('","f":');
const LAST_ID = new Literal(',"l":');
const TIME_AFTER_TEXT = new Literal('","T":');
const TIME = new Literal(',"T":');
/** `M` has no meaning, and has always been true. */
const MAKER_END = new Literal(',"m":true,"M":true}');
const TAKER_END = new Literal(',"m":false,"M":true}');
const LAST_UPDATE = new Literal(',"u":');
const BIDS = new Literal(',"b":');
const ASKS = new Literal(',"a":');
const BID_QUANTITY = new Literal('","B":"');
const ASK = new Literal('","a":"');
const ASK_QUANTITY = new Literal('","A":"');
const TEXT_END = new Literal('"}');
const END = new Literal("}");

/** Reads the payload of a stream, which must be all that stands there. */
export function readPayload<N, L>(
  cursor: ByteCursor,
  stream: KnownStream,
  values: Values<N, L>,
): object | undefined {
  values.begin();
  switch (stream.kind) {
    case "trade":
      return readTrade(cursor, stream, values);
    case "aggTrade":
      return readAggTrade(cursor, stream, values);
    case "bookTicker":
      return readBookTicker(cursor, stream, values);
    case "depth":
      return readDepth(cursor, stream, values);
    default:
      return stream.kind satisfies never;
  }
}

function readTrade<N, L>(
  cursor: ByteCursor,
  { symbol: s, symbolPart }: KnownStream,
  values: Values<N, L>,
): object | undefined {
  if (!cursor.skip(TRADE)) return undefined;
  const E = cursor.whole();
  if (E < 0 || !cursor.skip(symbolPart)) return undefined;
  const t = cursor.whole();
  if (t < 0 || !cursor.skip(PRICE)) return undefined;
  const p = values.price(cursor);
  if (p === undefined || !cursor.skip(QUANTITY)) return undefined;
  const q = values.quantity(cursor);
  if (q === undefined || !cursor.skip(TIME_AFTER_TEXT)) return undefined;
  const T = cursor.whole();
  const m = T >= 0 && cursor.skip(MAKER_END);
  if (!m && (T < 0 || !cursor.skip(TAKER_END))) return undefined;
  return values.end({ e: "trade", E, s, t, p, q, T, m, M: true });
}

function readAggTrade<N, L>(
  cursor: ByteCursor,
  { symbol: s, symbolPart }: KnownStream,
  values: Values<N, L>,
): object | undefined {
  if (!cursor.skip(AGG_TRADE)) return undefined;
  const E = cursor.whole();
  if (E < 0 || !cursor.skip(symbolPart)) return undefined;
  const a = cursor.whole();
  if (a < 0 || !cursor.skip(PRICE)) return undefined;
  const p = values.price(cursor);
  if (p === undefined || !cursor.skip(QUANTITY)) return undefined;
  const q = values.quantity(cursor);
  if (q === undefined || !cursor.skip(FIRST_ID)) return undefined;
  const f = cursor.whole();
  if (f < 0 || !cursor.skip(LAST_ID)) return undefined;
  const l = cursor.whole();
  if (l < 0 || !cursor.skip(TIME)) return undefined;
  const T = cursor.whole();
  const m = T >= 0 && cursor.skip(MAKER_END);
  if (!m && (T < 0 || !cursor.skip(TAKER_END))) return undefined;
  return values.end({ e: "aggTrade", E, s, a, p, q, f, l, T, m, M: true });
}

function readBookTicker<N, L>(
  cursor: ByteCursor,
  { symbol: s, symbolPart }: KnownStream,
  values: Values<N, L>,
): object | undefined {
  if (!cursor.skip(BOOK_TICKER)) return undefined;
  const u = cursor.whole();
  if (u < 0 || !cursor.skip(symbolPart)) return undefined;
  const b = values.price(cursor);
  if (b === undefined || !cursor.skip(BID_QUANTITY)) return undefined;
  const B = values.quantity(cursor);
  if (B === undefined || !cursor.skip(ASK)) return undefined;
  const a = values.price(cursor);
  if (a === undefined || !cursor.skip(ASK_QUANTITY)) return undefined;
  const A = values.quantity(cursor);
  if (A === undefined || !cursor.skip(TEXT_END)) return undefined;
  return values.end({ u, s, b, B, a, A });
}

function readDepth<N, L>(
  cursor: ByteCursor,
  { symbol: s, symbolPart }: KnownStream,
  values: Values<N, L>,
): object | undefined {
  if (!cursor.skip(DEPTH)) return undefined;
  const E = cursor.whole();
  if (E < 0 || !cursor.skip(symbolPart)) return undefined;
  const U = cursor.whole();
  if (U < 0 || !cursor.skip(LAST_UPDATE)) return undefined;
  const u = cursor.whole();
  if (u < 0 || !cursor.skip(BIDS)) return undefined;
  const b = values.levels(cursor);
  if (b === undefined || !cursor.skip(ASKS)) return undefined;
  const a = values.levels(cursor);
  if (a === undefined || !cursor.skip(END)) return undefined;
  return values.end({ e: "depthUpdate", E, s, U, u, b, a });
}
