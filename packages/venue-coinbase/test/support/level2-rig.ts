import { VirtualTimer } from "@oath-ws/testing";
import type { Level2Event } from "@oath-ws/venue-coinbase";
import { BookWriter, Subscription, TopicStream, TopicWatch } from "@oath-ws/venue-kit";
import type { BookUpdate, OrderBook } from "@oath-ws/venue-kit";
import { Level2Rule } from "../../src/book/level2-book.js";

/** A book without a connection: the test hands events in. */
export class Level2Rig {
  readonly timer = new VirtualTimer();
  readonly topic = new TopicWatch(() => this.timer.now());
  readonly writer: BookWriter<Level2Event>;
  readonly rule: Level2Rule;
  /** Snapshots that the book asked for itself. */
  resyncs = 0;
  readonly #updates = new TopicStream<BookUpdate<Level2Event>>({ kind: "reliable" }, () => {});

  constructor() {
    const { timer, topic } = this;
    topic.enter("live", undefined, 1);
    this.writer = new BookWriter<Level2Event>({
      symbol: "BTC-USD",
      timer,
      updates: this.#updates,
      topic: () => topic.snapshot,
      maySnapshotCross: true,
      rule: {
        lost: (reason) => this.rule.lost(reason),
        built: () => this.rule.built(),
        end: () => this.rule.end(),
      },
    });
    const subscription = new Subscription<Level2Event>({
      topic: "level2:BTC-USD",
      state: topic,
      policy: { kind: "latest" },
      onClose: () => {},
    });
    this.rule = new Level2Rule(
      {
        symbol: "BTC-USD",
        subscription,
        timer,
        resync: () => this.resyncs++,
      },
      this.writer,
    );
  }

  get book(): OrderBook<Level2Event> {
    return this.writer.book;
  }

  /** The best prices. */
  get tops(): readonly (string | undefined)[] {
    return [this.book.best?.bid.price, this.book.best?.ask.price];
  }

  /** Returns what it came to: `snapshot`, `changes`, `lost gap`; empty when nothing changed. */
  event(data: Level2Event, gaps: number): string {
    this.rule.event({
      topic: "level2:BTC-USD",
      data,
      epoch: 1,
      seq: 1,
      receivedAt: this.timer.now(),
      isCurrent: true,
      gaps,
    });
    return this.#took();
  }

  /** The topic says that it has so many gaps now. */
  missed(gaps: number): string {
    this.topic.counted(gaps, gaps);
    this.rule.doubted();
    return this.#took();
  }

  #took(): string {
    const all: string[] = [];
    for (let event = this.#updates.take(); event !== undefined; event = this.#updates.take())
      all.push(event.data.kind === "lost" ? `lost ${event.data.reason}` : event.data.kind);
    return all.join();
  }
}
