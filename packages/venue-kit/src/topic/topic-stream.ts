import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, ReadableOptions, Timer, WsError, WsSource } from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import type { FrameStore } from "@oath-ws/resilience";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { TopicEvent } from "./topic-event.js";

/**
 * What a stream does when its reader is behind.
 *
 * - `latest`: only the newest event waits; for quotes and books, where an old one has no worth
 * - `reliable`: up to `maxEvents` wait (default 10 000); beyond that the oldest go, are counted,
 *   and leave a gap record
 */
export type StreamPolicy =
  | { readonly kind: "latest" }
  | { readonly kind: "reliable"; readonly maxEvents?: number | undefined };

const MAX_EVENTS = 10_000;

/** What is wrong with a policy. */
export function policyIssues(policy: StreamPolicy): ConfigIssue[] {
  const max = bound(policy);
  if (Number.isSafeInteger(max) && max >= 1) return [];
  return [{ path: "policy.maxEvents", message: `must be a whole number >= 1, got ${max}` }];
}

function bound(policy: StreamPolicy): number {
  return policy.kind === "latest" ? 1 : (policy.maxEvents ?? MAX_EVENTS);
}

/** Events that were discarded unread, one after the other. */
export interface Overflow {
  readonly fromSeq: number;
  readonly toSeq: number;
  /** When the first of them arrived. */
  readonly fromTime: number;
}

/**
 * A first-in first-out store of bounded length that drops the oldest, and tells the reader's side
 * of each hole once.
 */
class EventRing<T> implements FrameStore<TopicEvent<T>> {
  readonly #max: number;
  readonly #onHole: (hole: Overflow, next: TopicEvent<T>) => void;
  #slots: (TopicEvent<T> | undefined)[] = [];
  /** When each of them arrived, in elapsed milliseconds. */
  #arrivals: number[] = [];
  #head = 0;
  #hole: Overflow | undefined;
  dropped = 0;
  /** What was handed out last; only its numbers are kept. */
  lastArrival = Number.NaN;
  lastEpoch = 0;
  lastWasCurrent = false;

  constructor(max: number, onHole: (hole: Overflow, next: TopicEvent<T>) => void) {
    this.#max = max;
    this.#onHole = onHole;
  }

  get size(): number {
    return this.#slots.length - this.#head;
  }

  /** When the oldest one that waits arrived; `undefined` when none waits. */
  get oldestArrival(): number | undefined {
    return this.#arrivals[this.#head];
  }

  push(event: TopicEvent<T>, arrivedAt: number): void {
    if (this.size >= this.#max) this.#drop();
    this.#slots.push(event);
    this.#arrivals.push(arrivedAt);
  }

  shift(): TopicEvent<T> | undefined {
    const arrivedAt = this.oldestArrival;
    const event = this.#remove();
    if (event !== undefined && arrivedAt !== undefined) {
      this.lastArrival = arrivedAt;
      this.lastEpoch = event.epoch;
      this.lastWasCurrent = event.isCurrent;
    }
    if (event !== undefined && this.#hole !== undefined) {
      const hole = this.#hole;
      this.#hole = undefined;
      this.#onHole(hole, event);
    }
    return event;
  }

  #drop(): void {
    const event = this.#remove();
    if (event === undefined) return;
    this.dropped++;
    const { fromSeq, fromTime } = this.#hole ?? { fromSeq: event.seq, fromTime: event.receivedAt };
    this.#hole = { fromSeq, toSeq: event.seq, fromTime };
  }

  #remove(): TopicEvent<T> | undefined {
    if (this.#head === this.#slots.length) return undefined;
    const event = this.#slots[this.#head];
    this.#slots[this.#head++] = undefined;
    if (this.#head === this.#slots.length) {
      this.#slots.length = 0;
      this.#arrivals.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1_024 && this.#head * 2 >= this.#slots.length) {
      // Moves each event at most once for every one that was taken.
      this.#slots = this.#slots.slice(this.#head);
      this.#arrivals = this.#arrivals.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }
}

/**
 * The events of one topic for one reader, by one policy. It is a {@link WsSource}: one reader at a
 * time.
 */
export class TopicStream<T> implements WsSource<TopicEvent<T>> {
  readonly #ring: EventRing<T>;
  readonly #half: ReadHalf<TopicEvent<T>>;
  readonly #timer: ElapsedTimer | undefined;

  /**
   * @param onOverflow told of each hole in a `reliable` stream when its reader comes to it
   * @param timer what tells how old the events are. Default: none, no event is fresh
   * @throws ConfigError when `maxEvents` is not a whole number >= 1
   */
  constructor(
    policy: StreamPolicy,
    onOverflow: (hole: Overflow, next: TopicEvent<T>) => void,
    timer?: Timer,
  ) {
    const issues = policyIssues(policy);
    if (issues.length > 0) throw new ConfigError(issues);
    this.#ring = new EventRing(
      bound(policy),
      policy.kind === "latest" ? () => undefined : onOverflow,
    );
    this.#half = new ReadHalf(this.#ring);
    this.#timer = timer === undefined ? undefined : elapsedTimer(timer);
  }

  /** Events that the policy discarded unread. */
  get discarded(): number {
    return this.#ring.dropped;
  }

  /** See {@link TopicReader.readerBehindMs}. `Infinity` for events whose age is unknown. */
  get behindMs(): number {
    const { oldestArrival } = this.#ring;
    return oldestArrival === undefined ? 0 : this.#ageOf(oldestArrival);
  }

  /** See {@link TopicReader.isFresh}; `epoch` is the session that the topic is in now. */
  isFresh(maxAgeMs: number, epoch: number): boolean {
    const { lastArrival, lastEpoch, lastWasCurrent } = this.#ring;
    return (
      lastWasCurrent &&
      lastEpoch >= epoch &&
      this.#ageOf(lastArrival) <= maxAgeMs &&
      this.behindMs <= maxAgeMs
    );
  }

  take(): TopicEvent<T> | undefined {
    return this.#half.take();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#half.readable(options);
  }

  batches(): AsyncIterable<readonly TopicEvent<T>[]> {
    return this.#half.batches();
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicEvent<T>, undefined> {
    return this.#half[Symbol.asyncIterator]();
  }

  /** The writer's side. `arrivedAt` is the elapsed time, where it is known already. */
  push(event: TopicEvent<T>, arrivedAt?: number): void {
    this.#ring.push(event, arrivedAt ?? this.#timer?.arrived(event.receivedAt) ?? event.receivedAt);
    this.#half.wake();
  }

  /** The writer's side: nothing follows; what waits can still be read. */
  end(error?: WsError): void {
    this.#half.end(error);
  }

  #ageOf(arrivedAt: number): number {
    return this.#timer === undefined ? Number.POSITIVE_INFINITY : this.#timer.now() - arrivedAt;
  }
}
