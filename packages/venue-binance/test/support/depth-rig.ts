import { SeededRandom, VirtualTimer } from "@oath-ws/testing";
import type { DepthSnapshot, DepthUpdate } from "@oath-ws/venue-binance";
import { BookWriter, Subscription, TopicStream, TopicWatch } from "@oath-ws/venue-kit";
import type { BookUpdate, OrderBook } from "@oath-ws/venue-kit";
import { DepthRule } from "../../src/book/depth-book.js";
import { DepthSequence } from "../../src/book/depth-sequence.js";

/** A book without a connection: the test hands updates and snapshots in. */
export class DepthRig {
  readonly timer = new VirtualTimer();
  readonly topic = new TopicWatch(() => this.timer.now());
  readonly writer: BookWriter<DepthUpdate>;
  readonly rule: DepthRule;
  /** Snapshots that were asked for. */
  asked = 0;
  readonly #updates = new TopicStream<BookUpdate<DepthUpdate>>({ kind: "reliable" }, () => {});

  constructor(limit = 1_000, maxBuffered?: number) {
    this.topic.enter("live", undefined, 1);
    const subscription = new Subscription<DepthUpdate>({
      topic: "x@depth",
      state: this.topic,
      policy: { kind: "latest" },
      onClose: () => {},
    });
    this.writer = new BookWriter<DepthUpdate>({
      symbol: "X",
      timer: this.timer,
      updates: this.#updates,
      topic: () => this.topic.snapshot,
      rule: {
        lost: (reason) => this.rule.lost(reason),
        changed: (receivedAt) => this.rule.changed(receivedAt),
        shallow: () => this.rule.shallow(),
        end: () => this.rule.end(),
      },
    });
    const fetch = (): Promise<DepthSnapshot> => {
      this.asked++;
      return new Promise(() => {});
    };
    const { timer } = this;
    this.rule = new DepthRule(
      { symbol: "X", subscription, fetch, limit, timer, random: new SeededRandom(1) },
      this.writer,
      new DepthSequence(maxBuffered),
    );
  }

  get book(): OrderBook<DepthUpdate> {
    return this.writer.book;
  }

  get isLive(): boolean {
    return this.book.state.snapshot.phase === "live";
  }

  /** Returns what it came to: `changes`, `lost gap`; empty when nothing changed. */
  diff(data: DepthUpdate): string {
    this.rule.event({ data, receivedAt: this.timer.now() });
    return this.#took();
  }

  /** Returns what it came to, such as `snapshot,changes`; empty when it was refused. */
  snapshot(snapshot: DepthSnapshot): string {
    this.rule.snapshot(snapshot);
    return this.#took();
  }

  lose(): string {
    this.writer.lose("reconnected");
    return this.#took();
  }

  #took(): string {
    const all: string[] = [];
    for (let event = this.#updates.take(); event !== undefined; event = this.#updates.take())
      all.push(event.data.kind === "lost" ? `lost ${event.data.reason}` : event.data.kind);
    return all.join();
  }
}
