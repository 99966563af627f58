import type { ReadableOptions, WsSource } from "@oath-ws/contract";
import type { GapLog, GapRecord } from "./gap-record.js";
import type { EventAge, HandedEvent, StreamListener } from "./event-age.js";
import type { Announce } from "./observed-reader.js";
import type { TopicEvent } from "./topic-event.js";
import type { TopicStream } from "./topic-stream.js";
import type { TopicWatch } from "./topic-watch.js";

/**
 * The reader's side of a topic: its events, and what is missing among them. A class that extends it
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
    return this.isFreshAs(this.#stream.handed, maxAgeMs);
  }

  /**
   * How long the oldest event that waits for this reader has been waiting, in milliseconds; 0 when
   * none waits.
   */
  get readerBehindMs(): number {
    return this.#stream.behindMs;
  }

  /**
   * How old the event is that this reader was handed last, by our clock and by the venue's;
   * `undefined` before the first. Both go on while nothing comes.
   */
  age(): EventAge | undefined {
    return this.#stream.age();
  }

  /** Events that wait for this reader. */
  get waiting(): number {
    return this.#stream.waiting;
  }

  /**
   * For readers that are made of this one: announces such a reader to the program that watches;
   * `undefined` where none does.
   */
  get announce(): Announce | undefined {
    return undefined;
  }

  /** For readers that are made of this one: what it handed out last. */
  get handed(): Readonly<HandedEvent> {
    return this.#stream.handed;
  }

  /** For readers that are made of this one: {@link isFresh}, of an event that it handed out. */
  isFreshAs(handed: Readonly<HandedEvent>, maxAgeMs: number): boolean {
    const { phase, epoch } = this.state.snapshot;
    return phase === "live" && this.#stream.isFresh(maxAgeMs, epoch, handed);
  }

  /** For readers that are made of this one: {@link age}, of an event that it handed out. */
  ageAs(handed: Readonly<HandedEvent>): EventAge | undefined {
    return this.#stream.age(handed);
  }

  /**
   * For readers that are made of this one: tells of events and of the end at once, those before
   * included. One at a time. Gives how to stop that.
   */
  listen(listener: StreamListener): () => void {
    return this.#stream.listen(listener);
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
