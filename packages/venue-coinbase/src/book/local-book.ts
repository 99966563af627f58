import type { Timer, WsError } from "@oath-ws/contract";
import { isWsError, WsError as Failure } from "@oath-ws/contract";
import { followTopic, TopicWatch } from "@oath-ws/venue-kit";
import type {
  StreamPolicy,
  Subscription,
  TopicEvent,
  TopicSnapshot,
  TopicStream,
} from "@oath-ws/venue-kit";
import { epochAfter } from "../feed/epoch-after.js";
import type { Level2Event, LevelUpdate } from "../market/payloads.js";
import type { Level } from "./book-side.js";
import { BookSync } from "./book-sync.js";
import type { BookVerdict, LossReason } from "./book-sync.js";
import type { LevelPair } from "./order-book.js";

/**
 * What happened to a book.
 *
 * - `snapshot`: it was built anew
 * - `changes`: it took up these levels
 * - `lost`: it is empty and being built anew, for this reason
 */
export type BookUpdate =
  | { readonly kind: "snapshot"; readonly bids: number; readonly asks: number }
  | { readonly kind: "changes"; readonly updates: readonly LevelUpdate[] }
  | { readonly kind: "lost"; readonly reason: LossReason };

/** How a {@link LocalBook} is kept. */
export interface BookOptions {
  /**
   * What happens when nobody reads {@link LocalBook.updates} in time. Default `latest`; the book
   * itself never misses anything.
   */
  readonly updates?: StreamPolicy | undefined;
  /**
   * Silence after which the book is `stale`, in milliseconds. Default: never; a quiet product is
   * silent, a mute connection shows anyway.
   */
  readonly staleAfterMs?: number | undefined;
  /** Silence after which its connection is made anew; more than `staleAfterMs`. Default: never. */
  readonly reconnectAfterMs?: number | undefined;
}

interface Parts {
  readonly product: string;
  readonly subscription: Subscription<Level2Event>;
  readonly timer: Timer;
  readonly updates: TopicStream<BookUpdate>;
  /** Has the venue send the snapshot anew. */
  readonly resync: () => void;
  /** Tells of losses before the events behind them come. */
  readonly onMissed: (listener: (stretch: number) => void) => () => void;
}

/** A snapshot that was promised and did not come in this time is asked for, in milliseconds. */
const SNAPSHOT_WITHIN_MS = 30_000;

/**
 * The order book of one product: the venue's snapshot, kept up to date by absolute quantities.
 * While anything is missing it is empty and `recovering`, so what is in it is never a ghost. Look
 * at `state` before you trust it: `live` says that it is complete, as of the last change that came.
 */
export class LocalBook implements Disposable {
  readonly product: string;
  /** Whether the book is complete. `failed` when the venue refused the product. */
  readonly state: TopicWatch;
  /** What happened to the book, for one reader. */
  readonly updates: TopicStream<BookUpdate>;
  readonly #parts: Parts;
  readonly #sync = new BookSync();
  readonly #stopListening: () => void;
  #cancelWait: () => void = () => undefined;
  #seq = 0;
  #firstEpoch = 0;
  /** The epoch of the snapshot that the book was built from. */
  #builtEpoch = 0;

  /** Use `CoinbaseMarket.book`. */
  constructor(parts: Parts) {
    this.product = parts.product;
    this.#parts = parts;
    this.state = new TopicWatch(() => parts.timer.now());
    this.updates = parts.updates;
    this.#stopListening = parts.onMissed((stretch) => this.#took(this.#sync.missed(stretch)));
    void this.#run();
  }

  /** Bids, best first. The array shows later changes: copy what must stay. */
  get bids(): readonly Level[] {
    return this.#sync.book.bids;
  }

  /** Asks, best first. */
  get asks(): readonly Level[] {
    return this.#sync.book.asks;
  }

  /**
   * Bid and ask at a depth, 0 for the best; `undefined` when either side does not reach that far.
   */
  at(depth: number): LevelPair | undefined {
    return this.#sync.book.at(depth);
  }

  /** What stands at a price, `undefined` for nothing. */
  quantityAt(side: "bid" | "ask", price: string): string | undefined {
    return this.#sync.book.quantityAt(side, price);
  }

  /** Throws the book away and has the venue send it anew. */
  resync(): void {
    if (this.state.isFinal) return;
    this.#sync.lose();
    this.#took({ kind: "lost", reason: "requested", isKnown: false });
  }

  /**
   * Gives the book up: it is empty from now on, its updates end, and its topic is unsubscribed if
   * nobody else holds it. Idempotent.
   */
  close(): void {
    this.#end(undefined);
    this.#parts.subscription.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #run(): Promise<void> {
    const { subscription } = this.#parts;
    if (subscription.state.snapshot.phase === "live") this.#awaitSnapshot();
    try {
      await followTopic(subscription, {
        moved: (before, now) => this.#moved(before, now),
        event: (event) => {
          if (event.isCurrent && event.epoch >= this.#firstEpoch)
            this.#took(this.#sync.event(event.data), event);
        },
      });
      this.#end(undefined);
    } catch (error) {
      this.#end(isWsError(error) ? error : failed(error));
    }
  }

  #moved(before: TopicSnapshot, now: TopicSnapshot): void {
    if (now.recoveries > before.recoveries) {
      this.#cancelWait();
      this.#firstEpoch = epochAfter(now);
      this.#sync.lose();
      this.#lost("reconnected", now.cause);
    }
    if (now.phase === "stale" && this.#sync.isLive) this.state.enter("stale", now.cause);
    if (now.phase !== "live" || before.phase === "live") return;
    // A snapshot of a connection that ended before the topic was confirmed on it.
    if (this.#builtEpoch !== now.epoch) this.#sync.lose();
    if (this.#sync.isLive) this.#enter(now);
    else this.#awaitSnapshot();
  }

  /**
   * The book is complete, and as fresh as its topic: a snapshot may come before the venue has
   * confirmed that.
   */
  #enter({ phase, cause, epoch }: TopicSnapshot): void {
    if (phase === "live" || phase === "stale") this.state.enter(phase, cause, epoch);
  }

  #took(verdict: BookVerdict, event?: TopicEvent<Level2Event>): void {
    const at = event?.receivedAt ?? this.#parts.timer.now();
    switch (verdict.kind) {
      case "built":
        this.#cancelWait();
        this.#builtEpoch = event?.epoch ?? 0;
        this.#enter(this.#parts.subscription.state.snapshot);
        this.#push(
          { kind: "snapshot", bids: this.bids.length, asks: this.asks.length },
          at,
          event?.epoch,
        );
        break;
      case "applied":
        if (event !== undefined) this.#push({ kind: "changes", updates: event.data.updates }, at);
        // It was stale: an event says that it is not.
        this.#enter(this.#parts.subscription.state.snapshot);
        break;
      case "lost":
        this.#lost(verdict.reason);
        this.#awaitSnapshot();
        if (!verdict.isKnown) this.#parts.resync();
        break;
      case "ignored":
        break;
      default:
        verdict satisfies never;
    }
  }

  #lost(reason: LossReason, cause?: WsError): void {
    const { phase } = this.state.snapshot;
    if (phase === "subscribing") return;
    this.state.enter("recovering", cause);
    if (phase !== "recovering") this.#push({ kind: "lost", reason }, this.#parts.timer.now());
  }

  #awaitSnapshot(): void {
    this.#cancelWait();
    if (this.state.isFinal) return;
    this.#cancelWait = this.#parts.timer.schedule(SNAPSHOT_WITHIN_MS, () => {
      this.#parts.resync();
      this.#awaitSnapshot();
    });
  }

  #push(data: BookUpdate, receivedAt: number, epoch = this.state.snapshot.epoch): void {
    const { recoveries: gaps } = this.state.snapshot;
    this.updates.push({
      topic: this.product,
      data,
      epoch,
      seq: ++this.#seq,
      receivedAt,
      isCurrent: true,
      gaps,
    });
  }

  #end(error: WsError | undefined): void {
    if (this.state.isFinal) return;
    this.#cancelWait();
    this.#stopListening();
    this.#sync.lose();
    this.state.enter(error === undefined ? "closed" : "failed", error);
    this.updates.end(error);
  }
}

function failed(cause: unknown): WsError {
  return new Failure({
    kind: "unknown",
    code: "INTERNAL",
    message: "the order book failed",
    cause,
  });
}
