/** What a relay carries, in order, inside of one batch or over several. */
export type ItemKind = "event" | "text" | "binary" | "gap" | "state" | "lifecycle" | "image";

/** One thing that a relay carries. */
export interface Item {
  readonly kind: ItemKind;
  /** The index of its topic in the shard's list; `undefined` for what belongs to no topic. */
  readonly topic: number | undefined;
  /** The owner's epoch. */
  readonly epoch: number;
  /** Whether the connection that brought it stood; see `TopicEvent`. */
  readonly isCurrent: boolean;
  /** The first and the last id of the venue that it covers, where the topic has ids. */
  readonly firstId: number | undefined;
  readonly lastId: number | undefined;
  /** The venue's time of it, in Unix milliseconds, where it has one. */
  readonly venueMs: number | undefined;
  /** When it arrived at the owner, in elapsed milliseconds of the owner's clock. */
  readonly at: number;
  /** The payload: bytes of a frame, or JSON. */
  readonly payload: Uint8Array;
}

/** What a batch tells beside its items. */
export interface BatchHead {
  /**
   * - `term`: the first batch of an owner, without items: the former one is none any more
   * - `data`: items
   * - `mark`: a watermark, without items
   */
  readonly kind: "term" | "data" | "mark";
  /** The id of the owner's connection or feed; unique over processes and time. */
  readonly line: string;
  /** Rises with every owner. */
  readonly term: number;
  /** The number of the first item within the term, 1 for the first ever; the next for no items. */
  readonly first: number;
  /** What a term record or a watermark tells; `undefined` with items. */
  readonly mark: MarkBody | undefined;
}

/** Where a topic stands, as a watermark tells it. */
export interface TopicMark {
  readonly name: string;
  /**
   * The venue's last id of the topic that was appended; `null` where it has no ids, or none yet.
   */
  readonly lastId: number | null;
  readonly hasIds: boolean;
  readonly isBook: boolean;
  readonly state: StateBody;
}

/** What a watermark tells. Times are ages, in milliseconds before it was sent. */
export interface MarkBody {
  readonly topics: readonly TopicMark[];
  readonly lifecycle: LifecycleBody;
  /** Milliseconds between two watermarks. */
  readonly everyMs: number;
  /** Where who joins now begins to read, so that every book comes first; `null` without books. */
  readonly imagesFrom: number | null;
  /** What the owner says about its feed, for people and for commands. */
  readonly note: string;
}

/** An error, without what may not leave the process. */
export interface ErrorBody {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
}

/** The state of a topic. */
export interface StateBody {
  readonly phase: string;
  readonly epoch: number;
  readonly cause: ErrorBody | null;
}

/** A gap of a topic. */
export interface GapBody {
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  /** How long before the item it began, in milliseconds. */
  readonly fromAgoMs: number | null;
  readonly reason: string;
}

/** The state of the venue's line. Times are ages, in milliseconds before the item. */
export interface LifecycleBody {
  readonly phase: string;
  readonly epoch: number;
  readonly endpoint: string;
  readonly downForMs: number | null;
  readonly attempts: number;
  readonly staleCount: number;
  readonly totalDownMs: number;
  readonly totalLagged: number;
  readonly totalLaggedBytes: number;
  readonly waitingFor: string | null;
  readonly waitingForMs: number | null;
  readonly blindForMs: number | null;
  readonly cause: ErrorBody | null;
}
