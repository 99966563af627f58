import type { Timer } from "@oath-ws/contract";
import type { LoggedItem } from "../owner/item-log.js";
import type { OwnerSource } from "../owner/owner.js";

/** What a relay reads: it is asked where everything stands, and pushes what comes. */
export interface RelaySource extends OwnerSource {
  /** What it carries, in the order of the topics' indices: the identity of the shard. */
  readonly topics: readonly string[];
  /** Begins to push. Called once. */
  start(push: (item: LoggedItem) => void): void;
  /** Pushes nothing more, and gives up what it holds. Idempotent. */
  stop(): void;
}

/** The times and the note that a source writes into the stream. */
export interface SourceOptions {
  readonly timer: Timer;
  readonly markMs: number;
  readonly note: string;
  readonly onFault: (error: unknown) => void;
}

/** An item without anything that only events have. */
export function plainItem(
  kind: LoggedItem["kind"],
  at: number,
  payload: Uint8Array,
  topic?: number,
): LoggedItem {
  return {
    kind,
    topic,
    epoch: 0,
    isCurrent: true,
    firstId: undefined,
    lastId: undefined,
    venueMs: undefined,
    at,
    payload,
  };
}
