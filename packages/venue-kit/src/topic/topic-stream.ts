import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, ReadableOptions, Timer, WsError, WsSource } from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import type { FrameStore } from "@oath-ws/resilience";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { ClockOffset } from "./clock-offset.js";
import { nothingHanded } from "./event-age.js";
import type { EventAge, HandedEvent, StreamListener } from "./event-age.js";
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
  readonly #onHole: (hole: Overflow, next: TopicEvent<unknown>) => void;
  #slots: (TopicEvent<T> | undefined)[] = [];
  /** When each of them arrived, in elapsed milliseconds. */
  #arrivals: number[] = [];
  /** The venue's time of each of them, in Unix milliseconds. */
  #times: (number | undefined)[] = [];
  #head = 0;
  #hole: Overflow | undefined;
  dropped = 0;
  /** What was handed out last; only its numbers are kept. */
  readonly handed: HandedEvent = nothingHanded();

  constructor(max: number, onHole: (hole: Overflow, next: TopicEvent<unknown>) => void) {
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

  push(event: TopicEvent<T>, arrivedAt: number, venueMs: number | undefined): void {
    if (this.size >= this.#max) this.#drop();
    this.#slots.push(event);
    this.#arrivals.push(arrivedAt);
    this.#times.push(venueMs);
  }

  shift(): TopicEvent<T> | undefined {
    const arrivedAt = this.oldestArrival;
    const venueMs = this.#times[this.#head];
    const event = this.#remove();
    if (event !== undefined && arrivedAt !== undefined) {
      const { handed } = this;
      handed.arrivedAt = arrivedAt;
      handed.venueMs = venueMs;
      handed.epoch = event.epoch;
      handed.isCurrent = event.isCurrent;
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
      this.#times.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1_024 && this.#head * 2 >= this.#slots.length) {
      // Moves each event at most once for every one that was taken.
      this.#slots = this.#slots.slice(this.#head);
      this.#arrivals = this.#arrivals.slice(this.#head);
      this.#times = this.#times.slice(this.#head);
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
  readonly #clock: ClockOffset | undefined;
  #listener: StreamListener | undefined;
  #end: { readonly error: WsError | undefined } | undefined;

  /**
   * @param onOverflow told of each hole in a `reliable` stream when its reader comes to it
   * @param timer what tells how old the events are. Default: none, no event is fresh
   * @param clock how far our clock is ahead of the venue's. Default: that is not known
   * @throws ConfigError when `maxEvents` is not a whole number >= 1
   */
  constructor(
    policy: StreamPolicy,
    onOverflow: (hole: Overflow, next: TopicEvent<unknown>) => void,
    timer?: Timer,
    clock?: ClockOffset,
  ) {
    const issues = policyIssues(policy);
    if (issues.length > 0) throw new ConfigError(issues);
    this.#ring = new EventRing(
      bound(policy),
      policy.kind === "latest" ? () => undefined : onOverflow,
    );
    this.#half = new ReadHalf(this.#ring);
    this.#timer = timer === undefined ? undefined : elapsedTimer(timer);
    this.#clock = clock;
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

  /** Events that wait. */
  get waiting(): number {
    return this.#ring.size;
  }

  /** What was handed out last. */
  get handed(): Readonly<HandedEvent> {
    return this.#ring.handed;
  }

  /** See {@link TopicReader.isFresh}; `epoch` is the session that the topic is in now. */
  isFresh(
    maxAgeMs: number,
    epoch: number,
    handed: Readonly<HandedEvent> = this.#ring.handed,
  ): boolean {
    return (
      handed.isCurrent &&
      handed.epoch >= epoch &&
      this.#ageOf(handed.arrivedAt) <= maxAgeMs &&
      this.behindMs <= maxAgeMs
    );
  }

  /** See {@link TopicReader.age}. */
  age({ arrivedAt, venueMs }: Readonly<HandedEvent> = this.#ring.handed): EventAge | undefined {
    const timer = this.#timer;
    if (timer === undefined || Number.isNaN(arrivedAt)) return undefined;
    const now = timer.now();
    const leastMs = this.#clock?.leastMs;
    return {
      oursMs: now - arrivedAt,
      venueMs: venueMs === undefined || leastMs === undefined ? undefined : now - leastMs - venueMs,
      offsetMs: leastMs === undefined ? undefined : leastMs + timer.wallNow() - now,
    };
  }

  /**
   * The writer's side: another reader is made of this one, and takes its events. One at a time.
   * Gives how to stop that.
   */
  listen(listener: StreamListener): () => void {
    this.#listener = listener;
    for (let waiting = this.#ring.size; waiting > 0; waiting--) listener.pushed();
    if (this.#end !== undefined) listener.ended(this.#end.error);
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
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

  /**
   * The writer's side. `arrivedAt` is the elapsed time, where it is known already; `venueMs` the
   * venue's time of the event, in Unix milliseconds.
   */
  push(event: TopicEvent<T>, arrivedAt?: number, venueMs?: number): void {
    const at = arrivedAt ?? this.#timer?.arrived(event.receivedAt) ?? event.receivedAt;
    this.#ring.push(event, at, venueMs);
    this.#half.wake();
    this.#listener?.pushed();
  }

  /** The writer's side: nothing follows; what waits can still be read. */
  end(error?: WsError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#half.end(error);
    this.#listener?.ended(error);
  }

  #ageOf(arrivedAt: number): number {
    return this.#timer === undefined ? Number.POSITIVE_INFINITY : this.#timer.now() - arrivedAt;
  }
}
