import type { ReadableOptions, WsSource } from "@oath-ws/contract";
import type { GapLog, GapRecord } from "./gap-record.js";
import type { TopicEvent } from "./topic-event.js";
import type { TopicStream } from "./topic-stream.js";

/**
 * The reader's side of a topic: its events, and what is missing among them. Whoever extends it
 * keeps the writer's side.
 */
export abstract class TopicReader<T> implements WsSource<TopicEvent<T>> {
  readonly #stream: TopicStream<T>;
  readonly #gaps: GapLog;

  constructor(stream: TopicStream<T>, gaps: GapLog) {
    this.#stream = stream;
    this.#gaps = gaps;
  }

  /**
   * The latest gap records, oldest first: times during which events were missed, by the connection
   * or because this reader was slow.
   */
  get gaps(): readonly GapRecord[] {
    return this.#gaps.records;
  }

  /** Gap records so far; more than {@link gaps} keeps, after a thousand. */
  get gapCount(): number {
    return this.#gaps.total;
  }

  /** Events that were discarded unread, because their reader was slow. */
  get discarded(): number {
    return this.#stream.discarded;
  }

  take(): TopicEvent<T> | undefined {
    return this.#stream.take();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#stream.readable(options);
  }

  batches(): AsyncIterable<readonly TopicEvent<T>[]> {
    return this.#stream.batches();
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicEvent<T>, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }
}
