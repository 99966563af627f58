import { ConfigError, WsError } from "@oath-ws/contract";
import type {
  ConnectionStats,
  Lifecycle,
  ReconnectingConnection,
  ReconnectTrigger,
  Timer,
  WsControl,
  WsSink,
  FrameSource,
} from "@oath-ws/contract";
import type { OrderBook, StreamPolicy, Subscription } from "@oath-ws/venue-kit";
import type { RelayEngine } from "../engine/engine.js";
import { relayError } from "../engine/relay-error.js";
import type { RelayPosition } from "./position.js";
import { relayedBook } from "./relay-book.js";
import type { RelayedBookUpdate } from "./relay-book.js";
import type { RelayedTopic } from "./relayed-topic.js";
import { RelayReader } from "./relay-reader.js";
import type { RelayProgress } from "./relay-progress.js";
import type { RelayReaderParts } from "./relay-reader.js";
import { relayStats } from "./relay-stats.js";

/** How a relayed topic is subscribed. */
export interface RelaySubscribeOptions {
  /** What to do when the reader is behind. Default `reliable` with 10 000 events. */
  readonly policy?: StreamPolicy | undefined;
}

/**
 * A venue's line that another process holds, read through a relay: the parts that `open()` gives,
 * and the topics that `Feed.subscribe()` gives.
 *
 * A relay of frames brings them in {@link source}, a relay of a feed brings topics by
 * {@link subscribe} and {@link book}. {@link lifecycle} is that of the venue's line, whichever
 * process holds it, and its epoch rises when another one takes over.
 */
export class RelayConnection implements ReconnectingConnection {
  readonly id: string;
  readonly name: string;
  /** `send` rejects with `RELAY_READ_ONLY`. */
  readonly sink: WsSink;
  /** Ends this reader, and nothing else. */
  readonly control: WsControl;
  /** Renews the subscription to the engine; the venue's line is not touched. */
  readonly trigger: ReconnectTrigger;
  readonly #engine: RelayEngine;
  readonly #timer: Timer;
  readonly #reader: RelayReader;
  #ended: Promise<void> | undefined;

  /** Use `fromRelay`. */
  constructor(parts: RelayReaderParts) {
    this.id = parts.id;
    this.name = parts.name;
    this.#engine = parts.engine;
    this.#timer = parts.timer;
    const reader = new RelayReader(parts);
    this.#reader = reader;
    this.sink = {
      send: () =>
        Promise.reject(
          relayError(
            "RELAY_READ_ONLY",
            "A relayed connection cannot send: ask the process that holds the venue's line.",
          ),
        ),
      close: () => Promise.resolve(),
    };
    this.control = { shutdown: () => (this.#ended ??= this.#shutdown()) };
    this.trigger = { forceReconnect: () => reader.renew() };
  }

  get source(): FrameSource {
    return this.#reader.buffer.source;
  }

  get lifecycle(): Lifecycle {
    return this.#reader.watch;
  }

  /** Always empty: no server chose one for this reader. */
  get protocol(): string {
    return "";
  }

  /** Always empty. */
  get headers(): Readonly<Record<string, string>> {
    return {};
  }

  /** The names of the topics that the relay carries; empty for a relay of frames. */
  get topics(): readonly string[] {
    return this.#reader.topics.map(({ name }) => name);
  }

  /** What the owner says about its feed; see `RelayOptions.note`. */
  get note(): string {
    return this.#reader.intake.newestMark?.note ?? "";
  }

  /** How far this reader is behind the stream. */
  get progress(): RelayProgress {
    return this.#reader.progress;
  }

  /**
   * The place up to which everything was handed out. Give it as `after` to go on there in another
   * process. `undefined` before anything was read.
   */
  get position(): RelayPosition | undefined {
    return this.#reader.position;
  }

  /** Items that came again, and were not handed out again. */
  get repeated(): number {
    return this.#reader.intake.repeated;
  }

  /**
   * Reads a topic. Several may read the same one; close what you do not need any more. A reader
   * that goes on `after` a place begins to read with the turn after the first call: subscribe to
   * all topics in one turn.
   *
   * @throws WsError `TOPIC_INVALID` for a topic that the relay does not carry; `SHUT_DOWN` /
   */
  subscribe<T = unknown>(topic: string, options: RelaySubscribeOptions = {}): Subscription<T> {
    const { policy = { kind: "reliable" } } = options;
    const subscription = this.#topic(topic).subscribe(policy);
    this.#reader.release();
    // The owner's adapter decides the payload; the caller names its type.
    return subscription as unknown as Subscription<T>;
  }

  /**
   * Keeps a copy of a book that the relay carries. Its state comes first, before any change.
   *
   * @param updates what happens when nothing reads `OrderBook.updates` in time
   * @throws like {@link subscribe}; ConfigError for a topic that is no book
   */
  book(topic: string, updates: StreamPolicy = { kind: "latest" }): OrderBook<RelayedBookUpdate> {
    const found = this.#topic(topic);
    if (!found.isBook)
      throw new ConfigError([{ path: "topic", message: "is no book: subscribe to it" }]);
    const { intake, topics } = this.#reader;
    const index = topics.indexOf(found);
    return relayedBook({
      symbol: topic,
      subscription: this.subscribe<RelayedBookUpdate>(topic),
      timer: this.#timer,
      updates,
      wantImage: () => intake.wantImage(index),
    });
  }

  stats(): ConnectionStats {
    const { watch, buffer, lastDataAt } = this.#reader;
    return relayStats(watch.snapshot, buffer, this.#timer.now(), lastDataAt);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.control.shutdown();
  }

  /** Resolves when the topics are known, or after shutdown. `fromRelay` waits for it. */
  known(): Promise<void> {
    return this.#reader.known();
  }

  async #shutdown(): Promise<void> {
    this.#reader.end();
    await this.#engine.close();
  }

  #topic(name: string): RelayedTopic {
    if (this.#reader.watch.isFinal)
      throw new WsError({
        kind: "client",
        code: "SHUT_DOWN",
        message: "The reader was shut down.",
      });
    const topic = this.#reader.topics.find((each) => each.name === name);
    if (topic !== undefined) return topic;
    const carried = this.topics.length === 0 ? "frames" : this.topics.join(", ");
    throw new WsError({
      kind: "client",
      code: "TOPIC_INVALID",
      message: `The relay does not carry "${name}". It carries: ${carried}.`,
    });
  }
}
