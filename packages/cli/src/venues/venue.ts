import type { OrderBook, StreamPolicy, Subscription } from "@oath-ws/venue-kit";
import type { nodeRuntime } from "oath-ws";
import type { Simulator } from "../dash/simulator.js";

/** What was asked for on the command line, once its venue has understood it. */
export interface StreamRequest {
  /** The venue's name for it; the same name twice is one stream. */
  readonly name: string;
}

/** A stream as it is read, whichever adapter makes it. */
export interface FollowedStream<Data> {
  readonly name: string;
  /** What kind of event it has, for machines. */
  readonly kind: string;
  readonly source: Pick<
    Subscription<Data>,
    "gaps" | "gapCount" | "discarded" | "state" | typeof Symbol.asyncIterator
  > & {
    /** Events that a newer one replaced unread, where that is counted apart from what was lost. */
    readonly replaced?: number;
  };
  /** The book that it is made of, where it is one. */
  readonly book?: OrderBook;
  /** What stands before its events. Default: the venue's topic. */
  readonly shownAs?: string;
  /**
   * What an event says, for people, in one line. May throw for what the venue does not document.
   */
  readonly line: (data: Data) => string;
}

/** Streams under way. */
export interface FollowedMarket<Data> {
  readonly streams: readonly FollowedStream<Data>[];
  /** Ends all of them; bounded, idempotent. */
  shutdown(): Promise<void>;
}

/** What a session gives its market. */
export interface MarketParts {
  readonly runtime: typeof nodeRuntime;
  readonly policy: StreamPolicy | undefined;
  /** A frame could not be read. */
  readonly onUnreadable: () => void;
  /** Something else went wrong that no stream's state tells. */
  readonly onFault: (error: unknown) => void;
}

/** Dials, and follows what was asked for. Throws a ConfigError for options that cannot work. */
export type OpenMarket<Data> = (parts: MarketParts) => FollowedMarket<Data>;

/** Where a venue is: an address for its adapter, and what its streams need to be let in. */
export interface VenueAddress {
  /** Default: the live venue. */
  readonly url: string | undefined;
  /** The address of its REST API, where that cannot be told from `url`. */
  readonly restUrl?: string | undefined;
  /** The contents of `--key`. */
  readonly key: string | undefined;
}

/** A simulated venue on loopback. */
export interface Simulation {
  readonly address: VenueAddress;
  /** What makes things go wrong at it. */
  readonly simulator: Simulator;
  close(): Promise<void>;
}

/** A venue that `oath-ws tail --venue` knows: one entry of the table in `venues.ts`. */
export interface Venue {
  /** Streams to name in a usage message. */
  readonly example: string;
  /** Whether some of its streams need `--key`. */
  readonly takesKey: boolean;
  /** The same venue with other `--encoding`s than its own, by their names. */
  readonly encodings?: Readonly<Record<string, Venue>>;
  /** Understands one stream. Throws a `WsError` saying what is wrong with it. */
  request(text: string): StreamRequest;
  /**
   * Prepares to follow them. Throws a UsageError when they need a key and none is given, or one
   * that is no key.
   */
  follow(requests: readonly StreamRequest[], address: VenueAddress): OpenMarket<unknown>;
  /** Starts a simulated one that has these streams. */
  simulate(requests: readonly StreamRequest[]): Promise<Simulation>;
}
