import type { Timer } from "@oath-ws/contract";
import { keepBook, pairLevels, TopicStream } from "@oath-ws/venue-kit";
import type { BookUpdate, OrderBook } from "@oath-ws/venue-kit";
import type { BookPayload } from "../source-book.js";
import { BOOK_TOPIC } from "./fake-feed.js";
import type { FakeFeed } from "./fake-feed.js";

/**
 * The book of one line to the fake venue: an image first, then changes whose numbers follow on.
 *
 * @param ask asks the venue for an image, which comes on the line
 */
export function fakeBook(
  feed: FakeFeed,
  timer: Timer,
  symbol: string,
  ask: () => void,
): OrderBook<BookPayload> {
  let last = 0;
  return keepBook<BookPayload, BookPayload>({
    symbol,
    subscription: feed.subscribe<BookPayload>(BOOK_TOPIC),
    timer,
    updates: new TopicStream<BookUpdate<BookPayload>>({ kind: "reliable" }, () => undefined, timer),
    rule: (writer) => ({
      event({ data, receivedAt }) {
        const { kind, bids, asks, updateId } = data;
        const levels = pairLevels(bids, asks);
        if (kind === "image") writer.replace({ levels, receivedAt, updateId });
        else if (!writer.isWhole || updateId <= last) return;
        else if (updateId > last + 1) return writer.lose("gap");
        else writer.change({ levels, receivedAt, updateId, raw: data });
        last = updateId;
      },
      live() {
        writer.trust();
        if (!writer.isWhole) ask();
      },
      lost: (reason) => reason !== "reconnected" && ask(),
      end: () => undefined,
    }),
  });
}
