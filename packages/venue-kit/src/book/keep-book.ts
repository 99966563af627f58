import type { Timer } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import { followTopic } from "../recovery/follow-topic.js";
import type { Subscription } from "../topic/subscription.js";
import { flows } from "../topic/topic-state.js";
import type { TopicSnapshot } from "../topic/topic-state.js";
import type { TopicStream } from "../topic/topic-stream.js";
import type { BookRule } from "./book-rule.js";
import type { BookUpdate } from "./book-update.js";
import { BookWriter } from "./book-writer.js";
import type { BookWriterOptions } from "./book-writer.js";
import type { OrderBook } from "./order-book.js";

/** What {@link keepBook} needs. */
export interface KeepBookOptions<E, Raw>
  extends Pick<BookWriterOptions<Raw>, "maySnapshotCross" | "depth" | "turns"> {
  /** The symbol as the venue writes it. */
  readonly symbol: string;
  /** The topic that feeds the book; it is closed with the book. Use a `reliable` policy. */
  readonly subscription: Subscription<E>;
  readonly timer: Timer;
  readonly updates: TopicStream<BookUpdate<Raw>>;
  /**
   * The first epoch to trust after a break that this state shows: events of earlier ones belong to
   * what was lost. Give it where messages have no numbers that tell. Default: every event of a
   * connection that stands is trusted.
   */
  readonly firstEpoch?: ((topic: TopicSnapshot) => number) | undefined;
  /** Makes the venue's rule. It must not use the writer before it is called itself. */
  readonly rule: (writer: BookWriter<Raw>) => BookRule<E>;
}

/** Keeps the order book of one symbol from a topic, by a venue's rule, until it is closed. */
export function keepBook<E, Raw>(options: KeepBookOptions<E, Raw>): OrderBook<Raw> {
  const { subscription, firstEpoch = () => 0 } = options;
  const writer: BookWriter<Raw> = new BookWriter<Raw>({
    ...options,
    topic: () => subscription.state.snapshot,
    topicAge: () => subscription.age(),
    onClose: () => subscription.close(),
    rule: {
      lost: (reason) => rule.lost(reason),
      built: () => rule.built?.(),
      changed: (receivedAt) => rule.changed?.(receivedAt),
      shallow: () => rule.shallow?.(),
      end: () => rule.end(),
    },
  });
  const rule = options.rule(writer);
  void follow(subscription, writer, rule, firstEpoch);
  subscription.announce?.({ kind: "book", name: options.symbol, reader: writer.book });
  return writer.book;
}

async function follow<E, Raw>(
  subscription: Subscription<E>,
  writer: BookWriter<Raw>,
  rule: BookRule<E>,
  firstEpoch: (topic: TopicSnapshot) => number,
): Promise<void> {
  let trusted = 0;
  const moved = (before: TopicSnapshot, now: TopicSnapshot): void => {
    if (now.recoveries > before.recoveries) {
      trusted = firstEpoch(now);
      writer.lose("reconnected", now.cause);
    } else if (now.breaks > before.breaks && flows(now)) rule.doubted?.();
    writer.refresh();
    if (now.phase === "live" && before.phase !== "live") rule.live(now);
  };
  try {
    // The topic is held by another reader already: there is nothing to wait for.
    if (flows(subscription.state.snapshot)) rule.live(subscription.state.snapshot);
    await followTopic(subscription, {
      moved,
      event: (event) => {
        if (event.isCurrent && event.epoch >= trusted) rule.event(event);
      },
    });
    writer.end();
  } catch (error) {
    writer.end(asWsError(error, { code: "INTERNAL", message: "the order book failed" }));
  }
}
