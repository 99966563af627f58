import { setImmediate as turn } from "node:timers/promises";
import { nodeTimer } from "oath-ws/leaf";
import { describe, expect, it } from "vitest";
import type { Level2Event } from "@oath-ws/venue-coinbase";
import { BookTurns, Subscription, TopicStream, TopicWatch } from "@oath-ws/venue-kit";
import type { OrderBook } from "@oath-ws/venue-kit";
import { epochAfter } from "../../src/feed/epoch-after.js";
import { level2Book } from "../../src/book/level2-book.js";

/** A book over a subscription whose writer is the test. */
function rig(): {
  book: OrderBook;
  topic: TopicWatch;
  resyncs: () => number;
  push(type: Level2Event["type"], epoch: number): void;
} {
  const topic = new TopicWatch(() => 0);
  const subscription = new Subscription<Level2Event>({
    topic: "level2:BTC-USD",
    state: topic,
    policy: { kind: "reliable" },
    onClose: () => undefined,
  });
  let resyncs = 0;
  let seq = 0;
  const book = level2Book({
    symbol: "BTC-USD",
    subscription,
    timer: nodeTimer,
    turns: new BookTurns(nodeTimer),
    updates: new TopicStream({ kind: "reliable" }, () => undefined),
    resync: () => {
      resyncs++;
    },
  });
  const updates = [
    { side: "bid", event_time: "", price_level: "10", new_quantity: "1" },
    { side: "offer", event_time: "", price_level: "11", new_quantity: "1" },
  ] as const;
  const push = (type: Level2Event["type"], epoch: number): void => {
    const data: Level2Event = {
      type,
      timestamp: "",
      sequence_num: 0,
      product_id: "BTC-USD",
      updates,
    };
    subscription.push({
      topic: subscription.topic,
      data,
      epoch,
      seq: ++seq,
      receivedAt: 0,
      isCurrent: true,
      gaps: epoch,
    });
  };
  return { book, topic, resyncs: () => resyncs, push };
}

describe("a local book", () => {
  it("is not built of what a connection that is gone had brought", async () => {
    const { book, topic, push } = rig();
    topic.enter("live", undefined, 1);
    push("snapshot", 1);
    await turn();
    expect(book.state.snapshot.phase).toBe("live");
    // Both happen before the book has its turn.
    push("snapshot", 1);
    topic.enter("recovering");
    await turn();
    expect(book.state.snapshot.phase).toBe("recovering");
    expect(book.bids).toEqual([]);
    topic.enter("live", undefined, 2);
    push("snapshot", 2);
    await turn();
    expect(book.state.snapshot).toMatchObject({ phase: "live", recoveries: 1 });
    book.close();
  });

  it("is not built of it either when the next connection is up already", async () => {
    const { book, topic, push } = rig();
    topic.enter("live", undefined, 1);
    push("snapshot", 1);
    await turn();
    push("snapshot", 1);
    topic.enter("recovering");
    topic.enter("live", undefined, 2);
    await turn();
    expect(book.state.snapshot.phase).toBe("recovering");
    push("snapshot", 2);
    await turn();
    expect(book.state.snapshot.phase).toBe("live");
    book.close();
  });

  it("asks for a snapshot when it is told to, and not once it is closed", async () => {
    const { book, topic, push, resyncs } = rig();
    topic.enter("live", undefined, 1);
    push("snapshot", 1);
    await turn();
    book.resync();
    expect(resyncs()).toBe(1);
    expect(book.state.snapshot.phase).toBe("recovering");
    book.close();
    book.resync();
    expect(resyncs()).toBe(1);
  });
});

describe("the first session after a break", () => {
  it("is the next one while the topic recovers, and the present one afterwards", () => {
    const topic = new TopicWatch(() => 0);
    topic.enter("live", undefined, 4);
    topic.enter("recovering");
    expect(epochAfter(topic.snapshot)).toBe(5);
    topic.enter("live", undefined, 5);
    expect(epochAfter(topic.snapshot)).toBe(5);
  });
});
