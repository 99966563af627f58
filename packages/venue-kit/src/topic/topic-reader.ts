import type { ReadableOptions, WsSource } from "@oath-ws/contract";
import type { GapLog, GapRecord } from "./gap-record.js";
import type { TopicEvent } from "./topic-event.js";
import type { TopicStream } from "./topic-stream.js";
import type { TopicWatch } from "./topic-watch.js";

/**
 * The reader's side of a topic: its events, and what is missing among them. Whoever extends it
 * keeps the writer's side.
 */
export abstract class TopicReader<T> implements WsSource<TopicEvent<T>> {
  /** Where the topic stands. */
  abstract readonly state: TopicWatch;
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

  /**
   * Whether what this reader was handed last may be acted upon: the topic is `live`, the event is
   * of its present session and of a connection that stood, it arrived at most `maxAgeMs` ago, and
   * no event that waits for this reader is older than that. Time in which the machine slept counts.
   * False before the first event was handed out. After a sleep it is false until an event arrives
   * that is certainly younger.
   *
   * @param maxAgeMs in milliseconds
   */
  isFresh(maxAgeMs: number): boolean {
    const { phase, epoch } = this.state.snapshot;
    return phase === "live" && this.#stream.isFresh(maxAgeMs, epoch);
  }

  /**
   * How long the oldest event that waits for this reader has been waiting, in milliseconds; 0 when
   * none waits.
   */
  get readerBehindMs(): number {
    return this.#stream.behindMs;
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
