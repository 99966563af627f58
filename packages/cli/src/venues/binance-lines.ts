import type {
  BookTicker,
  MarketPayload,
  MiniTicker,
  PayloadByKind,
  PriceLevel,
  StreamKind,
  Ticker,
  WindowTicker,
} from "@oath-ws/venue-binance";
import { count } from "./count.js";

/** What an event says, for people: one line whatever its kind. Amounts stay the venue's strings. */
export function payloadLine(kind: StreamKind, data: MarketPayload): string {
  // The kind of a stream decides its payload; the compiler cannot follow the pair.
  return (LINES[kind] as (data: MarketPayload) => string)(data);
}

const LINES: { readonly [Kind in StreamKind]: (data: PayloadByKind[Kind]) => string } = {
  trade: ({ t, q, p, m }) => `${side(m)} ${q} @ ${p}  id ${t}`,
  aggTrade: ({ a, f, l, q, p, m }) =>
    `${side(m)} ${q} @ ${p}  id ${a}, ${count(l - f + 1, "trade")}`,
  blockTrade: ({ t, q, p, m }) => `${side(m)} ${q} @ ${p}  block id ${t}`,
  kline: ({ k }) =>
    `${k.i} open ${k.o} high ${k.h} low ${k.l} close ${k.c} volume ${k.v}, ` +
    `${count(k.n, "trade")}${k.x ? ", final" : ""}`,
  bookTicker: best,
  bestBidAsk: best,
  depth: ({ U, u, b, a }) =>
    `${count(b.length, "bid")} and ${count(a.length, "ask")} changed  ids ${U}-${u}`,
  partialDepth: ({ bids, asks, lastUpdateId }) =>
    `bid ${level(bids[0])}  ask ${level(asks[0])}  ${bids.length}+${asks.length} levels, id ` +
    `${lastUpdateId}`,
  miniTicker: (data) => totals(data),
  ticker: (data) => `${movement(data)}  bid ${data.B} @ ${data.b}  ask ${data.A} @ ${data.a}`,
  windowTicker: (data) => movement(data),
  miniTickers: (data) => all(data, totals),
  windowTickers: (data) => all(data, movement),
  avgPrice: ({ w, i }) => `average ${w} over ${i}`,
  referencePrice: ({ r }) => (r === null ? "no reference price" : `reference ${r}`),
};

/** Symbols of an array that are shown. */
const SHOWN = 3;

/** Who took: the buyer, unless the buyer was the maker. */
function side(buyerIsMaker: boolean): string {
  return buyerIsMaker ? "sell" : "buy ";
}

function best({ b, B, a, A, u }: BookTicker): string {
  return `bid ${B} @ ${b}  ask ${A} @ ${a}  id ${u}`;
}

function level(entry: PriceLevel | undefined): string {
  return entry === undefined ? "none" : `${entry[1]} @ ${entry[0]}`;
}

function totals({ c, h, l, v }: MiniTicker | Ticker | WindowTicker): string {
  return `last ${c} high ${h} low ${l} volume ${v}`;
}

function movement(data: Ticker | WindowTicker): string {
  return `${totals(data)} change ${data.P} %`;
}

function all<Each extends { readonly s: string }>(
  data: readonly Each[],
  line: (each: Each) => string,
): string {
  const shown = data.slice(0, SHOWN).map((each) => `${each.s} ${line(each)}`);
  const more = data.length > SHOWN ? [`and ${data.length - SHOWN} more`] : [];
  return `${count(data.length, "symbol")}: ${[...shown, ...more].join("; ")}`;
}
