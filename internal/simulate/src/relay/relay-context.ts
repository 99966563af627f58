import type { NewId, Spawn, Timer } from "@oath-ws/contract";
import type { Settlements } from "../core/settlement.js";
import type { SourceBook } from "./source-book.js";
import type { SourceRecord } from "./source-record.js";

export const SHARD = "s";

/** Three topics with ids, and one without. */
export const TOPICS: readonly string[] = ["a", "b", "c", "x"];

/** The book of a feed, by the name under which it is relayed. */
export const BOOK = "book";

/** Frames of a connection, in the record of the source. */
export const FRAMES = "frames";

/** What the processes of a run share. */
export interface RelayContext {
  /** Whether frames of a connection are relayed, and not topics and a book of a feed. */
  readonly isFrames: boolean;
  readonly book: SourceBook;
  /** Of the venue's machine. */
  readonly venueTimer: Timer;
  readonly newId: NewId;
  readonly spawn: Spawn;
  readonly leaseMs: number;
  readonly markMs: number;
  readonly source: SourceRecord;
  readonly settlements: Settlements;
  /** The world's clock. */
  readonly now: () => number;
  readonly reach: (name: string) => void;
  readonly note: (line: string) => void;
}
