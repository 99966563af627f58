/**
 * What a reader reads: a topic as the venue sends it, or events of the market model, or a whole
 * order book.
 */
export type ReaderKind = "topic" | "trades" | "quotes" | "orders" | "book";

/** A reader of an adapter, for a program that watches. See `VenueRuntime.observe`. */
export interface ObservedReader {
  readonly kind: ReaderKind;
  /** The topic or the symbol as the venue writes it. Several symbols stand side by side. */
  readonly name: string;
  /** Scheme, host and port of the venue; empty where the adapter did not tell. */
  readonly endpoint: string;
  /** A `TopicReader` for `topic`, an `OrderBook` for `book`, and otherwise a `MarketReader`. */
  readonly reader: object;
}

/** Takes what a reader is; the endpoint is known to it already. */
export type Announce = (observed: Omit<ObservedReader, "endpoint">) => void;
