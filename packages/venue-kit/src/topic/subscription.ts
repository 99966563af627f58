import type { Timer, WsError } from "@oath-ws/contract";
import type { ClockOffset } from "./clock-offset.js";
import { GapLog } from "./gap-record.js";
import type { GapRecord } from "./gap-record.js";
import type { Announce } from "./observed-reader.js";
import type { Overflow } from "./event-ring.js";
import type { TopicEvent } from "./topic-event.js";
import type { TopicRules } from "./topic-rules.js";
import { TopicReader } from "./topic-reader.js";
import { TopicStream } from "./topic-stream.js";
import type { StreamPolicy } from "./topic-stream.js";
import type { TopicWatch } from "./topic-watch.js";

/** How a topic is subscribed. */
export interface SubscribeOptions {
  /** What to do when the reader is behind. Default `reliable` with 10 000 events. */
  readonly policy?: StreamPolicy | undefined;
  /**
   * Silence after which the topic is `stale`, in milliseconds. With several subscriptions the
   * shortest counts. Default: the topic's own rhythm, where the adapter states one.
   */
  readonly staleAfterMs?: number | undefined;
  /**
   * Silence after which the topic speaks for a mute connection, in milliseconds; more than
   * `staleAfterMs`. The connection is remade when all topics on it that state such a time are
   * silent for longer than it, after pauses that double while it stays mute. Default: twice the
   * topic's own rhythm; without a rhythm never, staleness is only published.
   */
  readonly reconnectAfterMs?: number | undefined;
}

interface Parts {
  /** What tells how old events are. Default: none, no event is fresh. */
  readonly timer?: Timer | undefined;
  /** How far our clock is ahead of the venue's. Default: that is not known. */
  readonly clock?: ClockOffset | undefined;
  readonly topic: string;
  readonly state: TopicWatch;
  readonly policy: StreamPolicy;
  /** What the payloads tell of their order. Default: nothing. */
  readonly rules?: TopicRules<never> | undefined;
  /** Announces this reader, and those that are made of it. Default: nothing is announced. */
  readonly announce?: Announce | undefined;
  readonly onClose: () => void;
}

/**
 * One reader's hold on a topic: its events, its state and its gaps. Several may hold the same
 * topic; the venue is subscribed once. It survives reconnects until {@link close}; then nothing
 * subscribes it again.
 *
 * Reading is as with every `WsSource`: `for await`, or `readable()` and `take()`. The source ends
 * when the subscription or the feed is closed, and fails with the cause when the venue refused the
 * topic for good.
 */
export class Subscription<T> extends TopicReader<T> implements Disposable {
  readonly topic: string;
  /** The topic's state; shared by all its subscriptions. */
  readonly state: TopicWatch;
  readonly #parts: Parts;
  readonly #stream: TopicStream<T>;
  readonly #gaps: GapLog;

  constructor(parts: Parts) {
    const gaps = new GapLog();
    const stream = new TopicStream<T>(
      parts.policy,
      (hole, next) => this.#overflowed(hole, next),
      parts.timer,
      parts.clock,
    );
    super(stream, gaps);
    this.topic = parts.topic;
    this.state = parts.state;
    this.#parts = parts;
    this.#stream = stream;
    this.#gaps = gaps;
    parts.announce?.({ kind: "topic", name: parts.topic, reader: this });
  }

  override get announce(): Announce | undefined {
    return this.#parts.announce;
  }

  /**
   * For readers that are made of this one: what its payloads tell of their order. They are rules
   * for `T`; the type is wider, so that a subscription of a narrower payload fits a wider one.
   */
  get rules(): TopicRules<never> | undefined {
    return this.#parts.rules;
  }

  /** What happens when this reader is behind. */
  get policy(): StreamPolicy {
    return this.#parts.policy;
  }

  /**
   * Cancels: the source ends after what waits in it, and the venue is unsubscribed when no one else
   * holds the topic. Idempotent.
   */
  close(): void {
    this.end();
    this.#parts.onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The writer's side. `arrivedAt` is the elapsed time, where it is known already; `venueMs` the
   * venue's time of the event, in Unix milliseconds.
   */
  push(event: TopicEvent<T>, arrivedAt?: number, venueMs?: number): void {
    this.#stream.push(event, arrivedAt, venueMs);
  }

  /** The writer's side. */
  note(record: GapRecord): void {
    this.#gaps.add(record);
  }

  /** The writer's side: the topic has ended. */
  end(error?: WsError): void {
    this.#stream.end(error);
  }

  #overflowed(hole: Overflow, next: TopicEvent<unknown>): void {
    this.#gaps.add({
      topic: this.topic,
      epoch: next.epoch,
      ...hole,
      toTime: next.receivedAt,
      reason: "overflow",
    });
  }
}
