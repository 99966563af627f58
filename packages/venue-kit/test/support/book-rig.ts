import type { Timer } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { BookWriter, pairLevels, TopicStream, TopicWatch } from "@oath-ws/venue-kit";
import type {
  BookLossReason,
  BookUpdate,
  BookWriterOptions,
  LevelSource,
  OrderBook,
} from "@oath-ws/venue-kit";

type Pairs = readonly unknown[];

/** A book whose writer is the test, over a topic that is live. */
export class BookRig {
  readonly timer = new VirtualTimer();
  readonly topic = new TopicWatch(() => this.timer.now());
  readonly lost: BookLossReason[] = [];
  readonly updates = new TopicStream<BookUpdate<string>>({ kind: "reliable" }, () => undefined);
  readonly writer: BookWriter<string>;
  readonly #turns: (() => void)[] = [];
  /** The timer that the book has: what it schedules waits for {@link turn}. */
  readonly seam: Timer = {
    now: () => this.timer.now(),
    wallNow: () => this.timer.wallNow(),
    schedule: (_delayMs, run) => {
      this.#turns.push(run);
      return () => {
        this.#turns.splice(this.#turns.indexOf(run), 1);
      };
    },
  };
  shallow = 0;
  ended = 0;

  constructor(options: Partial<BookWriterOptions<string>> = {}) {
    this.topic.enter("live", undefined, 1);
    this.writer = new BookWriter<string>({
      symbol: "X",
      timer: this.seam,
      updates: this.updates,
      topic: () => this.topic.snapshot,
      rule: {
        lost: (reason) => this.lost.push(reason),
        shallow: () => this.shallow++,
        end: () => this.ended++,
      },
      ...options,
    });
  }

  get book(): OrderBook<string> {
    return this.writer.book;
  }

  /** Runs one turn of the event loop. Returns whether there was anything to do. */
  turn(): boolean {
    const run = this.#turns.shift();
    run?.();
    return run !== undefined;
  }

  get phase(): string {
    return this.book.state.snapshot.phase;
  }

  replace(bids: Pairs, asks: Pairs, limit?: number): void {
    this.writer.replace({ levels: pairLevels(bids, asks), receivedAt: this.timer.now(), limit });
  }

  change(bids: Pairs, asks: Pairs = [], receivedAt: number = this.timer.now()): void {
    this.writer.change({ levels: pairLevels(bids, asks), receivedAt, raw: "raw" });
  }

  /** Everything that happened to the book since the last call. */
  took(): BookUpdate<string>[] {
    const updates: BookUpdate<string>[] = [];
    for (let event = this.updates.take(); event !== undefined; event = this.updates.take())
      updates.push(event.data);
    return updates;
  }
}

/** Levels with these prices, quantity 1, and a count of how many were read. */
export class CountedLevels implements LevelSource {
  readonly size: number;
  reads = 0;
  readonly #price: (index: number) => string;

  constructor(size: number, price: (index: number) => string) {
    this.size = size;
    this.#price = price;
  }

  readonly read: LevelSource["read"] = (index, draft) => {
    this.reads++;
    draft.side = "ask";
    draft.price = this.#price(index);
    draft.quantity = "1";
  };
}
