import type {
  BookSide,
  GapRecord,
  MarketReader,
  OrderBook,
  TopicReader,
  Trade,
} from "@oath-ws/venue-kit";
import type { ReaderMessage } from "oath-ws";
import { unixMs } from "./clock.js";
import type {
  BookLevel,
  GapRow,
  ReaderPhase,
  TopicDetail,
  TopicRow,
  TradeRow,
} from "./protocol.js";
import { errorWords } from "./words.js";

/** Levels a side of the depth plot. */
const LEVELS = 40;
/** Gaps and trades that are shown. */
const ROWS = 20;

/** What `topic`, `trades`, `quotes` and `orders` have in common. */
type Events = Pick<
  TopicReader<unknown>,
  "state" | "gaps" | "gapCount" | "discarded" | "readerBehindMs"
>;

/** A reader of an adapter. It keeps none alive, and reads no event beside the reader's owner. */
export class WatchedReader {
  readonly key: number;
  readonly kind: string;
  readonly name: string;
  /** What a filter looks for, in lower case. */
  readonly searched: string;
  readonly #message: ReaderMessage;
  /** The latest trades, newest first, while a page shows them. */
  #trades: TradeRow[] = [];
  #holders = 0;
  #stopObserving: () => void = () => undefined;

  constructor(key: number, message: ReaderMessage) {
    this.key = key;
    this.kind = message.kind;
    this.name = message.name;
    this.searched = `${message.kind} ${message.name}`.toLowerCase();
    this.#message = message;
  }

  /** Where it stands now; `closed` when its memory was released. */
  get phase(): ReaderPhase {
    const reader = this.#message.deref() as Pick<Events, "state"> | undefined;
    return reader?.state.snapshot.phase ?? "closed";
  }

  /** Its state now; `undefined` when it was closed. */
  row(): TopicRow | undefined {
    const reader = this.#message.deref();
    if (reader === undefined) return undefined;
    const { snapshot } = (reader as Pick<Events, "state">).state;
    if (snapshot.phase === "closed") return undefined;
    const { phase, epoch, cause, staleCount: stale, recoveries } = snapshot;
    return {
      key: this.key,
      kind: this.kind,
      name: this.name,
      endpoint: this.#message.endpoint,
      phase,
      since: unixMs(snapshot.since),
      epoch,
      gaps: this.#events(reader)?.gapCount ?? 0,
      stale,
      recoveries,
      discarded: this.#book(reader)?.updates.discarded ?? this.#events(reader)?.discarded ?? 0,
      behindMs: this.#events(reader)?.readerBehindMs ?? 0,
      cause: cause === undefined ? undefined : errorWords(cause),
    };
  }

  /** With its gaps, its book, and the trades since it was held. */
  detail(): TopicDetail | undefined {
    const row = this.row();
    const reader = this.#message.deref();
    if (row === undefined || reader === undefined) return undefined;
    const book = this.#book(reader);
    const gaps = this.#events(reader)?.gaps ?? [];
    return {
      row,
      gaps: gaps.slice(-ROWS).toReversed().map(gapRow),
      book: book && { bids: levels(book, "bid"), asks: levels(book, "ask") },
      trades: this.kind === "trades" ? this.#trades : undefined,
    };
  }

  /** Collects the latest trades for a page, until what it returns is called. */
  hold(): () => void {
    if (this.#holders++ === 0) this.#observe();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (--this.#holders > 0) return;
      this.#stopObserving();
      this.#trades = [];
    };
  }

  #observe(): void {
    const reader = this.kind === "trades" ? this.#message.deref() : undefined;
    if (reader === undefined) return;
    this.#stopObserving = (reader as MarketReader<Trade>).observe(({ data, receivedAt }) => {
      const { id, price, quantity, side } = data;
      this.#trades.unshift({ at: unixMs(receivedAt), id, price, quantity, side });
      this.#trades.length = Math.min(this.#trades.length, ROWS);
    });
  }

  #events(reader: object): Events | undefined {
    return this.kind === "book" ? undefined : (reader as Events);
  }

  #book(reader: object): OrderBook | undefined {
    return this.kind === "book" ? (reader as OrderBook) : undefined;
  }
}

function levels(book: OrderBook, side: BookSide): readonly BookLevel[] {
  return book.top(side, LEVELS).map(({ price, quantity }) => [price, quantity] as const);
}

function gapRow({ topic, epoch, reason, fromSeq, toSeq, fromTime, toTime }: GapRecord): GapRow {
  return {
    topic,
    epoch,
    reason,
    fromSeq,
    toSeq,
    fromTime: fromTime === undefined ? undefined : unixMs(fromTime),
    toTime: unixMs(toTime),
  };
}
