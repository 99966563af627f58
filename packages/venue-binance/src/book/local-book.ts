import type { CancelSignal, Random, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";
import { followTopic, pauseMs, TopicStream, TopicWatch } from "@oath-ws/venue-kit";
import type { StreamPolicy, Subscription, TopicEvent, TopicSnapshot } from "@oath-ws/venue-kit";
import type { DepthSnapshot, DepthUpdate } from "../market/payloads.js";
import { apiVerdict } from "../rest/api-error.js";
import type { Level } from "./book-side.js";
import { BookSync } from "./book-sync.js";
import type { BookVerdict, ResyncReason } from "./book-sync.js";
import type { LevelPair } from "./order-book.js";

/**
 * What happened to a book.
 *
 * - `snapshot`: it was built anew, up to `lastUpdateId`
 * - `diff`: it took up this update
 * - `lost`: it is empty and being built anew, for this reason
 */
export type BookUpdate =
  | { readonly kind: "snapshot"; readonly lastUpdateId: number }
  | { readonly kind: "diff"; readonly update: DepthUpdate }
  | { readonly kind: "lost"; readonly reason: ResyncReason };

/** How a {@link LocalBook} is kept. */
export interface BookOptions {
  /**
   * Levels a side of the snapshot, 1 to 5 000. Default 1 000. Deeper levels are known only once
   * they change.
   */
  readonly limit?: number | undefined;
  /** How often the venue sends changes. Default `100ms`. */
  readonly speed?: "100ms" | "1000ms" | undefined;
  /**
   * What happens when nobody reads {@link LocalBook.updates} in time. Default `latest`; the book
   * itself never misses anything.
   */
  readonly updates?: StreamPolicy | undefined;
  /**
   * Silence after which the book is `stale`, in milliseconds. Default 30 000. A quiet symbol is
   * silent too: its book is right and `stale`.
   */
  readonly staleAfterMs?: number | undefined;
  /** Silence after which its connection is made anew; more than `staleAfterMs`. Default: never. */
  readonly reconnectAfterMs?: number | undefined;
}

interface Parts {
  readonly symbol: string;
  readonly subscription: Subscription<DepthUpdate>;
  readonly fetch: (signal: CancelSignal) => Promise<DepthSnapshot>;
  readonly timer: Timer;
  readonly random: Random;
  readonly updates: StreamPolicy;
}

/** How long a book waits for an update whose id tells whether one was lost, in milliseconds. */
const DOUBT_MS = 2_000;
const RETRY = { minMs: 250, maxMs: 10_000 };

/**
 * The order book of one symbol: a snapshot by REST, kept up to date from the depth stream. While
 * anything is missing it is empty and `recovering`, so what is in it is never crossed and never a
 * ghost; a gap makes this book anew and no other. Look at `state` before you trust it: `live` says
 * that it is complete, as of the last update that came. When the connection lost frames the book is
 * `stale` until an update joins on; one that does not come within 2 s is not waited for, and the
 * book is built again.
 */
export class LocalBook implements Disposable {
  readonly symbol: string;
  /** Whether the book is complete. `failed` when the venue does not know the symbol. */
  readonly state: TopicWatch;
  /** What happened to the book, for one reader. */
  readonly updates: TopicStream<BookUpdate>;
  readonly #parts: Parts;
  readonly #sync = new BookSync();
  #fetch: CancelController | undefined;
  /** Since when an update may be missing. */
  #doubtSince: number | undefined;
  #cancelDoubt: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #failures = 0;
  #seq = 0;

  /** Use `BinanceMarket.book`. */
  constructor(parts: Parts) {
    this.symbol = parts.symbol;
    this.#parts = parts;
    this.state = new TopicWatch(() => parts.timer.now());
    this.updates = new TopicStream(parts.updates, () => undefined);
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

  /** The venue's id of the last update in it; 0 while it is empty. */
  get lastUpdateId(): number {
    return this.#sync.book.lastUpdateId;
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

  /**
   * Gives the book up: it is empty from now on, its updates end, and its stream is unsubscribed if
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
    // Held by another book of the symbol already: there is nothing to wait for.
    if (flows(subscription.state.snapshot)) this.#refetch();
    try {
      await followTopic(subscription, {
        moved: (before, now) => this.#moved(before, now),
        // What an ended connection left behind is older than any snapshot that will come.
        event: (event) => {
          if (event.isCurrent) this.#took(this.#sync.diff(event.data), event);
        },
      });
      this.#end(undefined);
    } catch (error) {
      this.#end(isWsError(error) ? error : failed(error));
    }
  }

  #moved(before: TopicSnapshot, now: TopicSnapshot): void {
    const broke = now.recoveries > before.recoveries;
    if (broke) {
      this.#stopFetching();
      this.#lost("reconnected", now.cause);
      this.#sync.desync("reconnected");
    }
    if (!broke && now.breaks > before.breaks && flows(now)) this.#doubt();
    if (now.phase === "stale" && this.#sync.isLive) this.state.enter("stale", now.cause);
    if (now.phase !== "live" || before.phase === "live") return;
    // The venue has confirmed the stream: a snapshot made from now on joins on to it.
    if (!this.#sync.isLive) this.#refetch();
    else this.#enter(now);
  }

  /**
   * An update may be lost. The next one tells, if one comes soon; a snapshot that was asked for
   * before does not.
   */
  #doubt(): void {
    const { timer } = this.#parts;
    if (!this.#sync.isLive) {
      this.#refetch();
      return;
    }
    this.state.enter("stale");
    this.#trust();
    this.#doubtSince = timer.now();
    this.#cancelDoubt = timer.schedule(DOUBT_MS, () => {
      this.#lost("lagged");
      this.#sync.desync("lagged");
      this.#refetch();
    });
  }

  /** Nothing is in doubt any more. */
  #trust(): void {
    this.#cancelDoubt();
    this.#doubtSince = undefined;
  }

  /** The book is complete, and as fresh as its stream. */
  #enter({ phase, epoch, cause }: TopicSnapshot): void {
    if (this.#doubtSince === undefined && (phase === "live" || phase === "stale"))
      this.state.enter(phase, cause, epoch);
  }

  #took(verdict: BookVerdict, event: TopicEvent<DepthUpdate>): void {
    switch (verdict.kind) {
      case "applied":
        // One that arrived before the loss was noticed tells nothing about it.
        if (this.#doubtSince !== undefined && event.receivedAt > this.#doubtSince) {
          this.#trust();
          this.#enter(this.#parts.subscription.state.snapshot);
        }
        this.#push({ kind: "diff", update: event.data }, event.receivedAt);
        break;
      case "resync":
        this.#lost(verdict.reason);
        this.#refetch();
        break;
      case "ignored":
      case "buffered":
        break;
    }
  }

  #refetch(): void {
    this.#stopFetching();
    // A snapshot tells nothing while no updates come; when they do, it is asked for.
    if (this.state.isFinal || !flows(this.#parts.subscription.state.snapshot)) return;
    // A second try at once would only find what the first one found.
    const delayMs = this.#failures === 0 ? 0 : pauseMs(RETRY, this.#failures, this.#parts.random);
    if (delayMs === 0) void this.#load();
    else this.#cancelRetry = this.#parts.timer.schedule(delayMs, () => void this.#load());
  }

  async #load(): Promise<void> {
    const run = cancelController();
    this.#fetch = run;
    try {
      const snapshot = await this.#parts.fetch(run.signal);
      if (run.signal.aborted) return;
      this.#loaded(this.#sync.snapshot(snapshot));
    } catch (error) {
      if (run.signal.aborted) return;
      this.#refused(isWsError(error) ? error : failed(error));
    }
  }

  #loaded(verdict: BookVerdict): void {
    switch (verdict.kind) {
      case "applied":
        this.#failures = 0;
        this.#enter(this.#parts.subscription.state.snapshot);
        this.#push({ kind: "snapshot", lastUpdateId: this.lastUpdateId }, this.#parts.timer.now());
        break;
      case "resync":
        this.#failures++;
        this.#refetch();
        break;
      case "ignored":
      case "buffered":
        break;
    }
  }

  #refused(error: WsError): void {
    if (apiVerdict(error) === "permanent") {
      this.#end(error);
      this.#parts.subscription.close();
      return;
    }
    this.state.enter("recovering", error);
    this.#failures++;
    this.#refetch();
  }

  #lost(reason: ResyncReason, cause?: WsError): void {
    const { phase } = this.state.snapshot;
    if (phase === "subscribing") return;
    this.state.enter("recovering", cause);
    if (phase !== "recovering") this.#push({ kind: "lost", reason }, this.#parts.timer.now());
  }

  #push(data: BookUpdate, receivedAt: number): void {
    const { epoch, recoveries } = this.state.snapshot;
    const update = {
      topic: this.symbol,
      data,
      epoch,
      seq: ++this.#seq,
      receivedAt,
      isCurrent: true,
      gaps: recoveries,
    };
    this.updates.push(update);
  }

  #stopFetching(): void {
    this.#trust();
    this.#cancelRetry();
    this.#fetch?.abort(
      new WsError({
        kind: "client",
        code: "OVERTAKEN",
        message: "the snapshot is not wanted any more",
      }),
    );
    this.#fetch = undefined;
  }

  #end(error: WsError | undefined): void {
    if (this.state.isFinal) return;
    this.#stopFetching();
    this.#sync.desync("start");
    this.state.enter(error === undefined ? "closed" : "failed", error);
    this.updates.end(error);
  }
}

/** Whether the stream's updates come, as far as is known. */
function flows({ phase }: TopicSnapshot): boolean {
  return phase === "live" || phase === "stale";
}

function failed(cause: unknown): WsError {
  return new WsError({
    kind: "unknown",
    code: "INTERNAL",
    message: "the order book failed",
    cause,
  });
}
