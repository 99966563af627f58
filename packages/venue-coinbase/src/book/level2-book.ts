import type { Timer } from "@oath-ws/contract";
import { scheduleDeadline } from "@oath-ws/resilience";
import { keepBook } from "@oath-ws/venue-kit";
import type {
  BookLossReason,
  BookRule,
  BookTurns,
  BookUpdate,
  BookWriter,
  LevelSource,
  OrderBook,
  StreamPolicy,
  Subscription,
  TopicEvent,
  TopicSnapshot,
  TopicStream,
} from "@oath-ws/venue-kit";
import { epochAfter } from "../feed/epoch-after.js";
import type { Level2Event, LevelUpdate } from "../market/payloads.js";

/** How an order book is kept. */
export interface BookOptions {
  /**
   * What happens when nothing reads `OrderBook.updates` in time. Default `latest`; the book itself
   * never misses anything.
   */
  readonly updates?: StreamPolicy | undefined;
  /**
   * Silence after which the book is `stale`, in milliseconds. Default: never; a quiet product is
   * silent, a mute connection shows anyway.
   */
  readonly staleAfterMs?: number | undefined;
  /** Silence after which its connection is replaced; more than `staleAfterMs`. Default: never. */
  readonly reconnectAfterMs?: number | undefined;
}

interface Parts {
  /** The product. */
  readonly symbol: string;
  readonly subscription: Subscription<Level2Event>;
  readonly timer: Timer;
  readonly updates: TopicStream<BookUpdate<Level2Event>>;
  readonly turns: BookTurns;
  /** Has the venue send the snapshot again. */
  readonly resync: () => void;
}

/** A snapshot that was promised and did not come in this time is asked for, in milliseconds. */
const SNAPSHOT_WITHIN_MS = 30_000;

/** The book of one product: the venue's snapshot, kept up to date by absolute quantities. */
export function level2Book(parts: Parts): OrderBook<Level2Event> {
  return keepBook<Level2Event, Level2Event>({
    ...parts,
    maySnapshotCross: true,
    firstEpoch: epochAfter,
    rule: (writer) => new Level2Rule(parts, writer),
  });
}

/**
 * The venue's rule of books. There are no ids: events with the same number of `gaps` before them
 * belong together.
 */
export class Level2Rule implements BookRule<Level2Event> {
  readonly #parts: Omit<Parts, "updates" | "turns">;
  readonly #writer: BookWriter<Level2Event>;
  #cancelWait: () => void = () => undefined;
  /** Events with fewer gaps before them are of before a loss that is known. */
  #needed = 0;
  /** The gaps before the snapshot; `undefined` while there is none. */
  #gaps: number | undefined;
  /** The epoch of the snapshot. */
  #epoch = 0;
  /** Whether the grammar, which noticed the loss, asks for the snapshot itself. */
  #isAsked = false;

  constructor(parts: Omit<Parts, "updates" | "turns">, writer: BookWriter<Level2Event>) {
    this.#parts = parts;
    this.#writer = writer;
  }

  event({ data, epoch, gaps, receivedAt }: TopicEvent<Level2Event>): void {
    if (gaps < this.#needed) return;
    const levels = levelsOf(data.updates);
    if (data.type === "snapshot") {
      this.#gaps = gaps;
      this.#epoch = epoch;
      this.#writer.replace({ levels, receivedAt });
    } else if (this.#gaps !== undefined && gaps > this.#gaps) {
      this.#missed(gaps);
    } else if (this.#gaps !== undefined) {
      this.#writer.change({ levels, receivedAt, raw: data });
    }
  }

  live({ epoch }: TopicSnapshot): void {
    if (this.#gaps !== undefined && this.#epoch === epoch) return;
    // A snapshot of a connection that ended before the topic was confirmed on it says nothing.
    if (this.#gaps !== undefined) this.#writer.lose("reconnected");
    this.#awaitSnapshot();
  }

  doubted(): void {
    this.#missed(this.#parts.subscription.state.snapshot.gaps);
  }

  lost(reason: BookLossReason): void {
    this.#gaps = undefined;
    if (reason === "reconnected") {
      this.#cancelWait();
      return;
    }
    this.#awaitSnapshot();
    if (!this.#isAsked) this.#parts.resync();
  }

  built(): void {
    this.#cancelWait();
  }

  end(): void {
    this.#cancelWait();
  }

  /** Frames are missing: the grammar, which noticed it, sees to it that a snapshot comes. */
  #missed(gaps: number): void {
    // Events of before may still come; they are worth nothing.
    this.#needed = gaps;
    if (this.#gaps === undefined || this.#gaps >= gaps) return;
    this.#isAsked = true;
    this.#writer.lose("gap");
    this.#isAsked = false;
  }

  #awaitSnapshot(): void {
    this.#cancelWait();
    if (this.#writer.hasEnded) return;
    this.#cancelWait = scheduleDeadline(this.#parts.timer, SNAPSHOT_WITHIN_MS, () => {
      this.#parts.resync();
      this.#awaitSnapshot();
    });
  }
}

function levelsOf(updates: readonly LevelUpdate[]): LevelSource {
  return {
    size: updates.length,
    read(index, draft) {
      const { side, price_level, new_quantity }: Partial<LevelUpdate> = updates[index] ?? {};
      draft.side = side === "bid" ? "bid" : side === "offer" ? "ask" : undefined;
      draft.price = price_level;
      draft.quantity = new_quantity;
    },
  };
}
