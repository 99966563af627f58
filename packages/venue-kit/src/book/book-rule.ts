import type { TopicEvent } from "../topic/topic-event.js";
import type { TopicSnapshot } from "../topic/topic-state.js";
import type { BookLossReason } from "./book-update.js";
import type { Level } from "./level-side.js";
import type { LevelSource } from "./level-source.js";

/** The best levels of a book, as the venue wrote them: what checksums are made of. */
export interface TopLevels {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A checksum that the venue sent beside a message. */
export interface BookChecksum {
  /** How many of the best levels of each side it covers. */
  readonly depth: number;
  /** Whether it is the checksum of these levels, which are in the book after the message. */
  readonly matches: (top: TopLevels) => boolean;
}

/** Changed levels, each with the whole quantity that stands there now. */
export interface BookChanges<Raw> {
  readonly levels: LevelSource;
  /** When they arrived, by `Timer.now()`. */
  readonly receivedAt: number;
  /** The venue's number of this update, where it has one. */
  readonly updateId?: number | undefined;
  readonly checksum?: BookChecksum | undefined;
  /** The venue's own message, for the readers of `updates`. */
  readonly raw: Raw;
}

/** A whole book. */
export interface BookImage {
  readonly levels: LevelSource;
  /** When it arrived, by `Timer.now()`. */
  readonly receivedAt: number;
  /** The venue's number of the last update in it, where it has one. */
  readonly updateId?: number | undefined;
  readonly checksum?: BookChecksum | undefined;
  /**
   * The most levels of a side that the venue sends. A side that has so many is known down to its
   * last level only. Default: all levels are sent.
   */
  readonly limit?: number | undefined;
}

/**
 * What a venue knows about its books: which messages belong together, and how a snapshot is had. It
 * hands levels to a `BookWriter` and is told what became of them.
 */
export interface BookRule<E> {
  /** An event of the topic, of a connection that stands. */
  event(event: TopicEvent<E>): void;
  /** The topic is live again. If the book is not whole, see to it that a snapshot comes. */
  live(topic: TopicSnapshot): void;
  /**
   * The book is empty; see to it that a snapshot comes, unless the reason is `reconnected`: then
   * {@link live} follows.
   */
  lost(reason: BookLossReason): void;
  /** Updates may be missing although the connection stands. */
  doubted?(): void;
  /** A snapshot was taken up: the book is whole. */
  built?(): void;
  /** Changes were taken up that arrived at this time. */
  changed?(receivedAt: number): void;
  /** A side has lost half of what is known of it: a new snapshot is wanted before it is empty. */
  shallow?(): void;
  /** Nothing follows: stop every timer and request. */
  end(): void;
}
