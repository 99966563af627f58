import { crc32, objectLevels } from "@oath-ws/venue-kit";
import type { BookLossReason, BookRule, BookWriter } from "@oath-ws/venue-kit";
import type { TopicEvent, TopLevels } from "@oath-ws/venue-kit";
import type { KrakenBook } from "./wire.js";

const NAMES = { price: "price", quantity: "qty" };

/** The checksum of the ten best levels: asks first, without points and leading zeros (K-11). */
export function checksumOf({ asks, bids }: TopLevels): number {
  const digits = (text: string): string => text.replace(".", "").replace(/^0+/, "");
  const levels = [...asks, ...bids].map(({ price, quantity }) => digits(price) + digits(quantity));
  return crc32(levels.join(""));
}

/** Builds a book from a snapshot and changes, each with the checksum of the result (K-10). */
export class KrakenBookRule implements BookRule<KrakenBook> {
  readonly #writer: BookWriter<KrakenBook>;
  readonly #resync: () => void;

  constructor(writer: BookWriter<KrakenBook>, resync: () => void) {
    this.#writer = writer;
    this.#resync = resync;
  }

  event({ data, receivedAt }: TopicEvent<KrakenBook>): void {
    const levels = objectLevels(data.bids, data.asks, NAMES);
    const matches = (top: TopLevels): boolean => checksumOf(top) === data.checksum;
    const checksum = { depth: 10, matches };
    if (data.type === "snapshot") this.#writer.replace({ levels, receivedAt, checksum });
    else this.#writer.change({ levels, receivedAt, checksum, raw: data });
  }

  live(): void {
    // The snapshot follows the confirmation by itself.
  }

  lost(reason: BookLossReason): void {
    // After a reconnect the kit subscribes anyway, which brings the snapshot.
    if (reason !== "reconnected") this.#resync();
  }

  doubted(): void {
    // Our own buffer dropped frames: the next checksum would tell, and may be long in coming.
    this.#writer.lose("lagged");
  }

  end(): void {
    // No timer and no request to stop.
  }
}
