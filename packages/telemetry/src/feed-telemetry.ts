import { must } from "@oath-ws/venue-kit";
import type { OrderFate } from "@oath-ws/venue-kit";
import { checkArgument } from "./check-argument.js";
import type { FeedTotals } from "./feed-totals.js";
import type { WatchedBook, WatchedTopic } from "./reader-figures.js";

/** How a call or a placed order ended: a `CallOutcome` or a `PlaceOutcome` of the venue kit. */
export interface WatchedOutcome {
  readonly kind: "answered" | "refused" | "didNotLeave" | "fateUnknown";
  readonly resolution?: Promise<OrderFate<unknown>> | undefined;
}

/** Metrics of one adapter: what it is given is returned, so that it wraps an expression. */
export class FeedTelemetry {
  readonly #totals: FeedTotals;
  #isStopped = false;

  /** Use {@link Telemetry.feed}. */
  constructor(totals: FeedTotals) {
    this.#totals = totals;
  }

  /**
   * Counts a topic by its state, and its gaps, until it has ended. Each reader counts: two readers
   * of one topic that both missed something are two gaps.
   *
   * @returns the reader
   * @throws ConfigError for what is none, as do the methods below
   */
  topic<Reader extends WatchedTopic>(reader: Reader): Reader {
    checkArgument(
      "reader",
      must(isTopic, "must be a subscription, or a reader of a stream"),
      reader,
    );
    if (!this.#isStopped) this.#totals.addReader(this, "topic", reader);
    return reader;
  }

  /** Counts an order book by its state, until it is closed or refused. */
  book<Book extends WatchedBook>(book: Book): Book {
    checkArgument("book", must(isBook, "must be an order book"), book);
    if (!this.#isStopped) this.#totals.addReader(this, "book", book);
    return book;
  }

  /**
   * Counts a call by its outcome. Of an order whose fate is unknown it also counts what is found
   * out, and until then that it is looked for. Nothing of the request or the answer is read.
   *
   * @returns the promise that was given
   */
  call<Outcome extends WatchedOutcome>(call: Promise<Outcome>): Promise<Outcome> {
    checkArgument("call", must(isPromise, "must be the promise of a call"), call);
    if (!this.#isStopped)
      call.then(
        (outcome) => this.#ended(outcome),
        () => this.#totals.called("threw"),
      );
    return call;
  }

  /** Watches nothing of this adapter any more; what was counted stays. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#totals.removeFeed(this);
  }

  #ended({ kind, resolution }: WatchedOutcome): void {
    this.#totals.called(kind);
    if (resolution === undefined) return;
    this.#totals.searching(resolution);
    resolution.then(
      (fate) => this.#totals.resolved(resolution, fate.kind),
      () => this.#totals.resolved(resolution, "stillUnknown"),
    );
  }
}

function isTopic(value: unknown): boolean {
  const { state, gaps } = Object(value) as Partial<WatchedTopic>;
  return typeof state?.snapshot === "object" && Array.isArray(gaps);
}

function isBook(value: unknown): boolean {
  const { state, updates } = Object(value) as Partial<WatchedBook>;
  return typeof state?.snapshot === "object" && typeof updates === "object";
}

function isPromise(value: unknown): boolean {
  return typeof (Object(value) as Partial<Promise<unknown>>).then === "function";
}
