import type { Timer } from "@oath-ws/contract";
import { keepBook, pairLevels, TopicStream } from "@oath-ws/venue-kit";
import type {
  BookLossReason,
  BookUpdate,
  OrderBook,
  StreamPolicy,
  Subscription,
} from "@oath-ws/venue-kit";

/** Price and quantity, as the venue writes them. */
export type LevelPairText = readonly [price: string, quantity: string];

/** What a relay carries of a book. */
export type RelayedBookUpdate =
  | {
      readonly kind: "image" | "changes";
      readonly bids: readonly LevelPairText[];
      readonly asks: readonly LevelPairText[];
      readonly updateId: number | null;
      /** Levels a side of an image that has not all of them; `null` for one that has. */
      readonly limit: number | null;
    }
  | { readonly kind: "lost"; readonly reason: string };

/** What {@link relayedBook} needs. */
export interface RelayedBookOptions {
  readonly symbol: string;
  readonly subscription: Subscription<RelayedBookUpdate>;
  readonly timer: Timer;
  readonly updates: StreamPolicy;
  /** Asks for the next image, because the book was lost here. */
  readonly wantImage: () => void;
}

/** Keeps the copy of a book that a relay carries, until it is closed. */
export function relayedBook(options: RelayedBookOptions): OrderBook<RelayedBookUpdate> {
  const { timer, updates, wantImage, subscription } = options;
  const stream = new TopicStream<BookUpdate<RelayedBookUpdate>>(updates, () => undefined, timer);
  return keepBook<RelayedBookUpdate, RelayedBookUpdate>({
    ...options,
    updates: stream,
    rule: (writer) => ({
      event({ data, receivedAt: at }) {
        // One of unknown age makes the book no fresher.
        const isAgeKnown = Number.isFinite(subscription.handed.arrivedAt);
        const receivedAt = isAgeKnown ? at : Number.NEGATIVE_INFINITY;
        if (data.kind === "lost") {
          writer.lose(data.reason as BookLossReason);
          return;
        }
        const levels = pairLevels(data.bids, data.asks);
        const updateId = data.updateId ?? undefined;
        if (data.kind === "image")
          writer.replace({ levels, receivedAt, updateId, limit: data.limit ?? undefined });
        else if (writer.isWhole) writer.change({ levels, receivedAt, updateId, raw: data });
      },
      live: () => writer.trust(),
      lost: wantImage,
      doubted: () => writer.lose("lagged"),
      end: () => undefined,
    }),
  });
}
