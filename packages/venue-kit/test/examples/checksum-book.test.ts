import { setImmediate as turn } from "node:timers/promises";
import { VirtualTimer } from "@oath-ws/testing";
import { Subscription, TopicWatch } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";
import { checksumBook } from "./checksum-book.js";

type Pair = [price: string, quantity: string];

/** The book of which Kraken's documents say the checksum. */
const ASKS = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50].map(
  (step): Pair => [`0.050${String(step).padStart(2, "0")}`, "0.00000500"],
);
const BIDS = ["5000", "4995", "4990", "4980", "4975", "4970", "4965", "4960", "4955", "4950"].map(
  (text): Pair => [`0.0${text}`, "0.00000500"],
);
const CHECKSUM = 974_947_235;

it("the book of the how-to is live as long as its checksums match", async () => {
  const state = new TopicWatch(() => 0);
  const subscription = new Subscription<Parameters<typeof push>[0]>({
    topic: "book",
    state,
    policy: { kind: "reliable" },
    onClose: () => undefined,
  });
  let seq = 0;
  function push(data: {
    kind: "snapshot" | "update";
    bids: Pair[];
    asks: Pair[];
    checksum: number;
  }): void {
    const seen = { topic: "book", epoch: 1, seq: ++seq, receivedAt: 0, isCurrent: true, gaps: 0 };
    subscription.push({ ...seen, data });
  }
  let asked = 0;
  const book = checksumBook(subscription, new VirtualTimer(), () => asked++);
  state.enter("live", undefined, 1);
  push({ kind: "snapshot", bids: BIDS, asks: ASKS, checksum: CHECKSUM });
  await turn();
  expect([book.state.snapshot.phase, book.size]).toEqual(["live", 20]);
  push({ kind: "update", bids: [], asks: [["0.05004", "1.0"]], checksum: 1 });
  await turn();
  expect([book.state.snapshot.phase, book.size, asked]).toEqual(["recovering", 0, 1]);
  push({ kind: "snapshot", bids: BIDS, asks: ASKS, checksum: CHECKSUM });
  await turn();
  expect(book.state.snapshot.phase).toBe("live");
  book.close();
});
