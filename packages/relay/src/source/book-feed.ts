import { elapsedTimer } from "@oath-ws/venue-kit";
import type { BookUpdate, ElapsedTimer, Level, OrderBook } from "@oath-ws/venue-kit";
import type { LoggedItem } from "../owner/item-log.js";
import type { LevelPairText, RelayedBookUpdate } from "../reader/relay-book.js";
import type { TopicMark } from "../wire/item.js";
import { writeJson } from "../wire/json.js";
import { plainItem } from "./relay-source.js";
import { pushStates, stateBody, stateItem } from "./topic-feed.js";
import type { TopicFeedOptions } from "./topic-feed.js";

/** Levels a side of an image; a reader knows that a side which has so many goes on. */
const IMAGE_LEVELS = 1_000;

/** One book of a feed on its way into a relay: its changes, and its whole state now and then. */
export class BookFeed {
  readonly #name: string;
  readonly #book: OrderBook;
  readonly #options: TopicFeedOptions;
  readonly #elapsed: ElapsedTimer;
  readonly #unlisten: () => void;

  constructor(name: string, book: OrderBook, options: TopicFeedOptions) {
    this.#name = name;
    this.#book = book;
    this.#options = options;
    this.#elapsed = elapsedTimer(options.timer);
    this.#unlisten = book.updates.listen({
      pushed: () => this.#take(),
      ended: () => undefined,
    });
    pushStates(book.state, options);
  }

  stop(): void {
    this.#unlisten();
  }

  fresh(): readonly LoggedItem[] {
    return [stateItem(this.#book.state, this.#options), ...this.image()];
  }

  /** The book as it is now; nothing while it is not whole. */
  image(): readonly LoggedItem[] {
    const { state, bids, asks, updateId } = this.#book;
    if (state.snapshot.phase !== "live") return [];
    const hasMore = Math.max(bids.length, asks.length) > IMAGE_LEVELS;
    const update: RelayedBookUpdate = {
      kind: "image",
      bids: pairs(bids),
      asks: pairs(asks),
      updateId: updateId ?? null,
      limit: hasMore ? IMAGE_LEVELS : null,
    };
    return [this.#item("image", update)];
  }

  mark(): Omit<TopicMark, "lastId"> {
    return { name: this.#name, hasIds: false, isBook: true, state: stateBody(this.#book.state) };
  }

  #take(): void {
    const event = this.#book.updates.take();
    if (event === undefined) return;
    try {
      const items = this.#itemsOf(event.data);
      for (const item of items) this.#options.push(item);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #itemsOf(update: BookUpdate<unknown>): readonly LoggedItem[] {
    switch (update.kind) {
      case "snapshot":
        return this.image();
      case "changes": {
        const { bids, asks, updateId = null } = update;
        const changes = {
          kind: "changes",
          bids: pairs(bids),
          asks: pairs(asks),
          updateId,
        } as const;
        return [this.#item("event", { ...changes, limit: null })];
      }
      case "lost":
        return [this.#item("event", { kind: "lost", reason: update.reason })];
      default:
        return update satisfies never;
    }
  }

  #item(kind: "event" | "image", update: RelayedBookUpdate): LoggedItem {
    const { epoch } = this.#book.state.snapshot;
    const item = plainItem(kind, this.#elapsed.now(), writeJson(update), this.#options.index);
    return { ...item, epoch };
  }
}

function pairs(levels: readonly Level[]): LevelPairText[] {
  return levels.slice(0, IMAGE_LEVELS).map(({ price, quantity }) => [price, quantity]);
}
