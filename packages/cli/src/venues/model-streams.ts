import { WsError } from "oath-ws";
import type { BookUpdate, MarketData, OrderBook, Quote, Trade } from "@oath-ws/venue-kit";
import { count } from "./count.js";
import type { FollowedStream, MarketParts } from "./venue.js";

/** Streams of the market model, by the same names at every venue. */
const WORDS = ["trades", "quotes", "book"] as const;

/** A stream of the market model: `trades:BTCUSDT`. */
export interface ModelName {
  readonly word: (typeof WORDS)[number];
  readonly symbol: string;
}

/** Understands such a name; `undefined` for any other. Throws a WsError without a symbol. */
export function parseModelName(text: string): ModelName | undefined {
  const word = WORDS.find((each) => text === each || text.startsWith(`${each}:`));
  if (word === undefined) return undefined;
  const symbol = text.slice(word.length + 1);
  if (symbol === "" || symbol === "*")
    throw new WsError({
      kind: "client",
      code: "TOPIC_INVALID",
      message: `the stream needs a symbol: ${word}:SYMBOL`,
    });
  return { word, symbol };
}

/** Follows one of them. Throws what the adapter throws for its symbol. */
export function followModel(
  market: MarketData,
  { word, symbol }: ModelName,
  { policy }: Pick<MarketParts, "policy">,
): FollowedStream<unknown> {
  const name = `${word}:${symbol}`;
  const common = { name, kind: word, shownAs: name };
  switch (word) {
    case "trades": {
      const stream: FollowedStream<Trade> = {
        ...common,
        source: market.trades(symbol, { policy }),
        line: tradeLine,
      };
      return stream as FollowedStream<unknown>;
    }
    case "quotes": {
      const stream: FollowedStream<Quote> = {
        ...common,
        source: market.quotes(symbol, { policy }),
        line: quoteLine,
      };
      return stream as FollowedStream<unknown>;
    }
    case "book": {
      const book = market.book(symbol, { updates: policy });
      const stream: FollowedStream<BookUpdate<unknown>> = {
        ...common,
        source: bookSource(book),
        book,
        line: (update) => bookLine(book, update),
      };
      return stream as FollowedStream<unknown>;
    }
    default:
      return word satisfies never;
  }
}

/** What is lost of a book loses the book, which its updates tell: it has no gaps of its own. */
export function bookSource(book: OrderBook): FollowedStream<BookUpdate<unknown>>["source"] {
  const { updates, state } = book;
  return {
    gaps: [],
    gapCount: 0,
    get discarded() {
      return updates.discarded;
    },
    state,
    [Symbol.asyncIterator]: () => updates[Symbol.asyncIterator](),
  };
}

function tradeLine({ side, quantity, price, id, scope, isSnapshot }: Trade): string {
  const words = [side?.padEnd(4) ?? "    ", quantity, "@", price, ` id ${id}`];
  if (scope === "account") words.push("own");
  if (isSnapshot === true) words.push("before");
  return words.join(" ");
}

function quoteLine({ bidPrice, bidQuantity, askPrice, askQuantity, isRealtime }: Quote): string {
  const delayed = isRealtime === false ? "  not in real time" : "";
  return `bid ${at(bidQuantity, bidPrice)}  ask ${at(askQuantity, askPrice)}${delayed}`;
}

function bookLine({ best, size }: OrderBook, update: BookUpdate<unknown>): string {
  if (update.kind === "lost") return `lost (${update.reason})`;
  const top =
    best === undefined
      ? "one side is empty"
      : `bid ${at(best.bid.quantity, best.bid.price)}  ` +
        `ask ${at(best.ask.quantity, best.ask.price)}`;
  return `${top}  ${count(size, "level")}`;
}

function at(quantity: string | undefined, price: string | undefined): string {
  return price === undefined ? "none" : [quantity ?? "?", "@", price].join(" ");
}
