/**
 * The events that come most often, read from their bytes: each key in its place, and nothing
 * between. Every function returns `undefined` when anything else stands there.
 */
import { Literal } from "@oath-ws/venue-kit";
import type { ByteCursor } from "@oath-ws/venue-kit";
import type { EventType, LevelUpdate, Ticker, Trade } from "../market/payloads.js";

const SNAPSHOT = new Literal('{"type":"snapshot",');
const UPDATE = new Literal('{"type":"update",');
const NEXT = new Literal(",");
const TEXT_END = new Literal('"}');
const LIST_END = new Literal("]}");

const PRODUCT = new Literal('"product_id":"');
const UPDATES = new Literal('","updates":[');
const BID = new Literal('{"side":"bid","event_time":"');
const OFFER = new Literal('{"side":"offer","event_time":"');
const PRICE_LEVEL = new Literal('","price_level":"');
const NEW_QUANTITY = new Literal('","new_quantity":"');

const TRADES = new Literal('"trades":[');
const TRADE_PRODUCT = new Literal('{"product_id":"');
const TRADE_ID = new Literal('","trade_id":"');
const SIZE = new Literal('","size":"');
const TIME = new Literal('","time":"');
const BUY_END = new Literal('","side":"BUY"}');
const SELL_END = new Literal('","side":"SELL"}');

const TICKERS = new Literal('"tickers":[');
const TICKER_PRODUCT = new Literal('{"type":"ticker","product_id":"');
const PRICE = new Literal('","price":"');
const VOLUME_24_H = new Literal('","volume_24_h":"');
const LOW_24_H = new Literal('","low_24_h":"');
const HIGH_24_H = new Literal('","high_24_h":"');
const LOW_52_W = new Literal('","low_52_w":"');
const HIGH_52_W = new Literal('","high_52_w":"');
const PRICE_PERCENT_CHG_24_H = new Literal('","price_percent_chg_24_h":"');
const BEST_BID = new Literal('","best_bid":"');
const BEST_BID_QUANTITY = new Literal('","best_bid_quantity":"');
const BEST_ASK = new Literal('","best_ask":"');
const BEST_ASK_QUANTITY = new Literal('","best_ask_quantity":"');

/** An event of `level2`. */
export function readLevel2(cursor: ByteCursor): object | undefined {
  const type = readType(cursor);
  if (type === undefined) return undefined;
  const product_id = textAfter(cursor, PRODUCT);
  if (product_id === undefined || !cursor.skip(UPDATES)) return undefined;
  const updates = readUpdates(cursor);
  return updates && { type, product_id, updates };
}

/** An event of `market_trades`. */
export function readTrades(cursor: ByteCursor): object | undefined {
  const type = readType(cursor);
  if (type === undefined || !cursor.skip(TRADES)) return undefined;
  const trades = readList(cursor, readTrade);
  return trades && { type, trades };
}

/** An event of `ticker`. */
export function readTickers(cursor: ByteCursor): object | undefined {
  const type = readType(cursor);
  if (type === undefined || !cursor.skip(TICKERS)) return undefined;
  const tickers = readList(cursor, readTicker);
  return tickers && { type, tickers };
}

/** The rest of a list that is not empty, and the end of the object that it is the last field of. */
function readList<T>(
  cursor: ByteCursor,
  read: (cursor: ByteCursor) => T | undefined,
): T[] | undefined {
  const list: T[] = [];
  do {
    const entry = read(cursor);
    if (entry === undefined) return undefined;
    list.push(entry);
  } while (cursor.skip(NEXT));
  return cursor.skip(LIST_END) ? list : undefined;
}

/** The levels of an event mostly have one time: its text is made once. */
function readUpdates(cursor: ByteCursor): LevelUpdate[] | undefined {
  let event_time: string | undefined = "";
  let timeAt = cursor.at;
  return readList(cursor, () => {
    const side = readSide(cursor);
    if (side === undefined) return undefined;
    const { at } = cursor;
    if (
      event_time === undefined ||
      event_time === "" ||
      !cursor.repeats(timeAt, event_time.length)
    ) {
      timeAt = at;
      event_time = cursor.text();
      if (event_time === undefined) return undefined;
    }
    const price_level = textAfter(cursor, PRICE_LEVEL);
    if (price_level === undefined) return undefined;
    const new_quantity = textAfter(cursor, NEW_QUANTITY);
    if (new_quantity === undefined || !cursor.skip(TEXT_END)) return undefined;
    return { side, event_time, price_level, new_quantity };
  });
}

function readSide(cursor: ByteCursor): LevelUpdate["side"] | undefined {
  if (cursor.skip(BID)) return "bid";
  return cursor.skip(OFFER) ? "offer" : undefined;
}

function readTrade(cursor: ByteCursor): Trade | undefined {
  const product_id = textAfter(cursor, TRADE_PRODUCT);
  if (product_id === undefined) return undefined;
  const trade_id = textAfter(cursor, TRADE_ID);
  if (trade_id === undefined) return undefined;
  const price = textAfter(cursor, PRICE);
  if (price === undefined) return undefined;
  const size = textAfter(cursor, SIZE);
  if (size === undefined) return undefined;
  const time = textAfter(cursor, TIME);
  if (time === undefined) return undefined;
  const isBuy = cursor.skip(BUY_END);
  if (!isBuy && !cursor.skip(SELL_END)) return undefined;
  return { product_id, trade_id, price, size, time, side: isBuy ? "BUY" : "SELL" };
}

function readTicker(cursor: ByteCursor): Ticker | undefined {
  const product_id = textAfter(cursor, TICKER_PRODUCT);
  if (product_id === undefined) return undefined;
  const price = textAfter(cursor, PRICE);
  if (price === undefined) return undefined;
  const volume_24_h = textAfter(cursor, VOLUME_24_H);
  if (volume_24_h === undefined) return undefined;
  const low_24_h = textAfter(cursor, LOW_24_H);
  if (low_24_h === undefined) return undefined;
  const high_24_h = textAfter(cursor, HIGH_24_H);
  if (high_24_h === undefined) return undefined;
  const low_52_w = textAfter(cursor, LOW_52_W);
  if (low_52_w === undefined) return undefined;
  const high_52_w = textAfter(cursor, HIGH_52_W);
  if (high_52_w === undefined) return undefined;
  const price_percent_chg_24_h = textAfter(cursor, PRICE_PERCENT_CHG_24_H);
  if (price_percent_chg_24_h === undefined) return undefined;
  const best_bid = textAfter(cursor, BEST_BID);
  if (best_bid === undefined) return undefined;
  const best_bid_quantity = textAfter(cursor, BEST_BID_QUANTITY);
  if (best_bid_quantity === undefined) return undefined;
  const best_ask = textAfter(cursor, BEST_ASK);
  if (best_ask === undefined) return undefined;
  const best_ask_quantity = textAfter(cursor, BEST_ASK_QUANTITY);
  if (best_ask_quantity === undefined) return undefined;
  if (!cursor.skip(TEXT_END)) return undefined;
  return {
    type: "ticker",
    product_id,
    price,
    volume_24_h,
    low_24_h,
    high_24_h,
    low_52_w,
    high_52_w,
    price_percent_chg_24_h,
    best_bid,
    best_bid_quantity,
    best_ask,
    best_ask_quantity,
  };
}

function readType(cursor: ByteCursor): EventType | undefined {
  if (cursor.skip(UPDATE)) return "update";
  return cursor.skip(SNAPSHOT) ? "snapshot" : undefined;
}

function textAfter(cursor: ByteCursor, before: Literal): string | undefined {
  return cursor.skip(before) ? cursor.text() : undefined;
}
