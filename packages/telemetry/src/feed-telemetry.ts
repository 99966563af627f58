import type { OrderFate } from "@oath-ws/venue-kit";
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
   */
  topic<Reader extends WatchedTopic>(reader: Reader): Reader {
    if (!this.#isStopped) this.#totals.addReader(this, "topic", reader);
    return reader;
  }

  /** Counts an order book by its state, until it is closed or refused. */
  book<Book extends WatchedBook>(book: Book): Book {
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
