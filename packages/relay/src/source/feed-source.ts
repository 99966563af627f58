import type { Lifecycle } from "@oath-ws/contract";
import type { OrderBook, Subscription } from "@oath-ws/venue-kit";
import type { LoggedItem } from "../owner/item-log.js";
import type { MarkBody } from "../wire/item.js";
import { writeJson } from "../wire/json.js";
import { BookFeed } from "./book-feed.js";
import { JointLifecycle } from "./joint-lifecycle.js";
import { plainItem } from "./relay-source.js";
import type { RelaySource, SourceOptions } from "./relay-source.js";
import { TopicFeed } from "./topic-feed.js";

/** A feed as a relay reads it: every adapter's market is one, and so is `Feed` with its rules. */
export interface RelayFeed {
  subscribe(topic: string): Subscription<unknown>;
  readonly connections: readonly { readonly lifecycle: Lifecycle }[];
}

/** What of a feed is relayed. */
export interface FeedTopics {
  /** Topics that are subscribed by name. */
  readonly topics: readonly string[];
  /**
   * Books, by the topic's name under which readers find them. Make them with the policy `reliable`
   * for their updates, and leave the reading of these to the relay.
   */
  readonly books: Readonly<Record<string, OrderBook>>;
}

/**
 * Relays topics and books of a feed. It subscribes when it starts, and closes its subscriptions
 * when it stops; books belong to the caller. /
 */
export function feedSource(
  feed: RelayFeed,
  { topics, books }: FeedTopics,
  { timer, markMs, note, onFault }: SourceOptions,
): RelaySource {
  const names = [...topics].sort();
  const bookNames = Object.keys(books).sort();
  const joint = new JointLifecycle(() => feed.connections.map(({ lifecycle }) => lifecycle));
  let parts: readonly (TopicFeed | BookFeed)[] = [];
  const line = (): LoggedItem =>
    plainItem("lifecycle", timer.now(), writeJson(joint.body(timer.now())));
  return {
    topics: [...names, ...bookNames.map((name) => `book ${name}`)],
    start(push) {
      const opened: (TopicFeed | BookFeed)[] = [];
      for (const name of names) {
        const options = { index: opened.length, timer, push, onFault };
        opened.push(new TopicFeed(name, feed.subscribe(name), options));
      }
      for (const name of bookNames) {
        const book = books[name];
        const options = { index: opened.length, timer, push, onFault };
        if (book !== undefined) opened.push(new BookFeed(name, book, options));
      }
      parts = opened;
    },
    stop() {
      for (const part of parts) part.stop();
    },
    fresh: () => [line(), ...parts.flatMap((part) => part.fresh())],
    images: () => parts.flatMap((part) => (part instanceof BookFeed ? part.image() : [])),
    mark: (ids, imagesFrom): MarkBody => ({
      topics: parts.map((part, index) => ({ ...part.mark(), lastId: ids.get(index) ?? null })),
      lifecycle: joint.body(timer.now()),
      everyMs: markMs,
      imagesFrom: imagesFrom ?? null,
      note,
    }),
  };
}
