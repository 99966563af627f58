// #region checksum
import { crc32, keepBook, pairLevels, TopicStream } from "@oath-ws/venue-kit";
import type {
  BookLossReason,
  BookRule,
  BookUpdate,
  BookWriter,
  OrderBook,
  Subscription,
  TopicEvent,
  TopLevels,
} from "@oath-ws/venue-kit";
import type { Timer } from "@oath-ws/contract";

/** What the venue sends: prices and quantities as text, and a checksum of the ten best levels. */
interface BookMessage {
  readonly kind: "snapshot" | "update";
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  readonly checksum: number;
}

/** The texts without point and leading zeros, asks first, as one text. */
function checksumOf({ asks, bids }: TopLevels): number {
  const digits = (text: string): string => text.replace(".", "").replace(/^0+/, "");
  const levels = [...asks, ...bids].map(({ price, quantity }) => digits(price) + digits(quantity));
  return crc32(levels.join(""));
}
// #endregion

// #region rule
class ChecksumRule implements BookRule<BookMessage> {
  readonly #writer: BookWriter<BookMessage>;
  readonly #resubscribe: () => void;

  constructor(writer: BookWriter<BookMessage>, resubscribe: () => void) {
    this.#writer = writer;
    this.#resubscribe = resubscribe;
  }

  event({ data, receivedAt }: TopicEvent<BookMessage>): void {
    const levels = pairLevels(data.bids, data.asks);
    const checksum = {
      depth: 10,
      matches: (top: TopLevels) => checksumOf(top) === data.checksum,
    };
    if (data.kind === "snapshot") this.#writer.replace({ levels, receivedAt, checksum });
    else this.#writer.change({ levels, receivedAt, checksum, raw: data });
  }

  live(): void {
    // This venue sends a snapshot after each subscribe: there is nothing to ask for.
  }

  lost(reason: BookLossReason): void {
    // After a reconnect the feed subscribes anyway. Pace this: see "Pauses" below.
    if (reason !== "reconnected") this.#resubscribe();
  }

  end(): void {
    // No timer and no request to stop.
  }
}
// #endregion

// #region keep
export function checksumBook(
  subscription: Subscription<BookMessage>,
  timer: Timer,
  resubscribe: () => void,
): OrderBook<BookMessage> {
  return keepBook<BookMessage, BookMessage>({
    symbol: "BTC/USD",
    subscription, // with the policy { kind: "reliable" }
    timer,
    updates: new TopicStream<BookUpdate<BookMessage>>({ kind: "latest" }, () => undefined, timer),
    depth: 10, // the venue says nothing of levels that fall out of the ten best
    rule: (writer) => new ChecksumRule(writer, resubscribe),
  });
}
// #endregion
