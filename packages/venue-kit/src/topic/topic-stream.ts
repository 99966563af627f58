import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, ReadableOptions, Timer, WsError, WsSource } from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { ClockOffset } from "./clock-offset.js";
import type { EventAge, HandedEvent, StreamListener } from "./event-age.js";
import { EventRing } from "./event-ring.js";
import type { Overflow } from "./event-ring.js";
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
      venueMs: Number.isNaN(venueMs) || leastMs === undefined ? undefined : now - leastMs - venueMs,
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
    // A listener of another reader of the topic may have ended this one.
    if (this.#end !== undefined) return;
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
