import type { GapRecord, TopicSnapshot } from "@oath-ws/venue-kit";

/**
 * What is read of a subscription, a reader of the market model, or an account's stream. All of them
 * have it; an `OrderBook` is a {@link WatchedBook}.
 */
export interface WatchedTopic {
  readonly state: { readonly snapshot: TopicSnapshot };
  readonly gaps: readonly GapRecord[];
  readonly gapCount?: number | undefined;
  readonly discarded?: number | undefined;
  readonly replaced?: number | undefined;
  readonly readerBehindMs?: number | undefined;
}

/** What is read of an `OrderBook`. */
export interface WatchedBook {
  readonly state: { readonly snapshot: TopicSnapshot };
  readonly updates: { readonly discarded: number };
}

/** Figures of one topic or book since they were read last. */
export interface ReaderDelta {
  readonly snapshot: TopicSnapshot;
  readonly gaps: ReadonlyMap<GapRecord["reason"] | "unknown", number>;
  readonly stale: number;
  readonly recoveries: number;
  readonly discarded: number;
  readonly behindMs: number;
}

/** Reads a topic or a book, and remembers what of its totals was told already. */
export class ReaderFigures {
  readonly #source: WatchedTopic | WatchedBook;
  readonly #told = { gaps: 0, stale: 0, recoveries: 0, discarded: 0 };

  constructor(source: WatchedTopic | WatchedBook) {
    this.#source = source;
  }

  /** What happened since the last call. */
  read(): ReaderDelta {
    const source = this.#source;
    const { snapshot } = source.state;
    const isBook = "updates" in source;
    const total = {
      gaps: isBook ? 0 : (source.gapCount ?? source.gaps.length),
      stale: snapshot.staleCount,
      recoveries: snapshot.recoveries,
      discarded: isBook
        ? source.updates.discarded
        : (source.discarded ?? 0) + (source.replaced ?? 0),
    };
    const told = { ...this.#told };
    Object.assign(this.#told, total);
    return {
      snapshot,
      gaps: isBook ? new Map() : reasons(source.gaps, total.gaps - told.gaps),
      stale: Math.max(0, total.stale - told.stale),
      recoveries: Math.max(0, total.recoveries - told.recoveries),
      discarded: Math.max(0, total.discarded - told.discarded),
      behindMs: isBook ? 0 : (source.readerBehindMs ?? 0),
    };
  }
}

/** The reasons of the latest `count` gaps. */
function reasons(records: readonly GapRecord[], count: number): ReaderDelta["gaps"] {
  const found = new Map<GapRecord["reason"] | "unknown", number>();
  if (count <= 0) return found;
  const latest = records.slice(-count);
  for (const { reason } of latest) found.set(reason, (found.get(reason) ?? 0) + 1);
  if (latest.length < count) found.set("unknown", count - latest.length);
  return found;
}
