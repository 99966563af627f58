import type { CancelSignal, Random, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { asWsError, cancelController, scheduleDeadline } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";
import { flows, keepBook, pairLevels, pauseMs } from "@oath-ws/venue-kit";
import type {
  BookLossReason,
  BookRule,
  BookTurns,
  BookUpdate,
  BookWriter,
  OrderBook,
  StreamPolicy,
  Subscription,
  TopicStream,
} from "@oath-ws/venue-kit";
import type { DepthSnapshot, DepthUpdate } from "../market/payloads.js";
import { apiVerdict } from "../rest/api-error.js";
import { DepthSequence } from "./depth-sequence.js";
import type { DepthEvent } from "./depth-sequence.js";

/** How an order book is kept. */
export interface BookOptions {
  /**
   * Levels a side of the snapshot, 1 to 5 000. Default 1 000. The venue says nothing about deeper
   * ones until they change: where a snapshot has so many, the book is shown down to its last level
   * (`knownTo`), and a new snapshot is fetched when half of them are gone.
   */
  readonly limit?: number | undefined;
  /** How often the venue sends changes. Default `100ms`; over SBE always 50 ms. */
  readonly speed?: "100ms" | "1000ms" | undefined;
  /**
   * What happens when nothing reads `OrderBook.updates` in time. Default `latest`; the book itself
   * never misses anything.
   */
  readonly updates?: StreamPolicy | undefined;
  /**
   * Silence after which the book is `stale`, in milliseconds. Default 30 000. A quiet symbol is
   * silent too: its book is right and `stale`.
   */
  readonly staleAfterMs?: number | undefined;
  /** Silence after which its connection is replaced; more than `staleAfterMs`. Default: never. */
  readonly reconnectAfterMs?: number | undefined;
}

interface Parts {
  readonly symbol: string;
  readonly subscription: Subscription<DepthUpdate>;
  readonly fetch: (signal: CancelSignal) => Promise<DepthSnapshot>;
  readonly limit: number;
  readonly timer: Timer;
  readonly random: Random;
  readonly updates: TopicStream<BookUpdate<DepthUpdate>>;
  readonly turns: BookTurns;
}

/** How long a book waits for an update whose id tells whether one was lost, in milliseconds. */
const DOUBT_MS = 2_000;
const RETRY = { minMs: 250, maxMs: 10_000 };
/** A book that is lost so long after its snapshot was asked for is fetched without a pause. */
const CALM_MS = 10_000;
/** The least time between two snapshots of a book that stands, in milliseconds. */
const RENEW_EVERY_MS = 5_000;

/** The book of one symbol: a snapshot by REST, kept up to date from the depth stream. */
export function depthBook(parts: Parts): OrderBook<DepthUpdate> {
  return keepBook<DepthUpdate, DepthUpdate>({
    ...parts,
    rule: (writer) => new DepthRule(parts, writer),
  });
}

/**
 * The venue's rule of books: fetches a snapshot when updates flow, joins updates on by their ids,
 * and fetches another one when the book was lost, or early when little of a side is left.
 */
export class DepthRule implements BookRule<DepthUpdate> {
  readonly #parts: Omit<Parts, "updates" | "turns">;
  readonly #writer: BookWriter<DepthUpdate>;
  readonly #sequence: DepthSequence;
  #fetch: CancelController | undefined;
  /** Since when an update may be missing. */
  #doubtSince: number | undefined;
  #cancelDoubt: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #failures = 0;
  #fetchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    parts: Omit<Parts, "updates" | "turns">,
    writer: BookWriter<DepthUpdate>,
    sequence: DepthSequence = new DepthSequence(),
  ) {
    this.#parts = parts;
    this.#writer = writer;
    this.#sequence = sequence;
  }

  event(event: DepthEvent): void {
    const { data, receivedAt } = event;
    const verdict = this.#sequence.next(event);
    switch (verdict) {
      case "next":
        this.#writer.change({
          levels: pairLevels(data.b, data.a),
          receivedAt,
          updateId: data.u,
          raw: data,
        });
        break;
      case "gap":
        this.#writer.lose("gap");
        // What follows is complete, so that the snapshot will join on to it.
        this.#sequence.next(event);
        break;
      case "unreadable":
        // It is a hole. Before the snapshot the ids of the next update tell.
        if (this.#sequence.isJoined) this.#writer.lose("malformed");
        break;
      case "old":
      case "buffered":
        break;
      default:
        verdict satisfies never;
    }
  }

  live(): void {
    // The venue has confirmed the stream: a snapshot made from now on joins on to it.
    if (!this.#sequence.isJoined) this.#refetch();
  }

  lost(reason: BookLossReason): void {
    this.#stopFetching();
    if (reason === "reconnected") {
      this.#sequence.restart();
      this.#failures = 0;
      return;
    }
    this.#sequence.lose();
    // A book that is lost again soon would be lost a third time: pauses grow until it stands.
    if (this.#parts.timer.now() - this.#fetchedAt > CALM_MS) this.#failures = 0;
    this.#refetch();
    this.#failures++;
  }

  /**
   * An update may be lost. The next one tells, if one comes soon; a snapshot that was asked for
   * before does not.
   */
  doubted(): void {
    const { timer } = this.#parts;
    if (!this.#sequence.isJoined) {
      this.#refetch();
      return;
    }
    this.#trust();
    this.#writer.doubt();
    this.#doubtSince = timer.now();
    this.#cancelDoubt = scheduleDeadline(timer, DOUBT_MS, () => this.#writer.lose("lagged"));
  }

  changed(receivedAt: number): void {
    // An update that arrived before the loss was noticed tells nothing about it.
    if (this.#doubtSince === undefined || receivedAt <= this.#doubtSince) return;
    this.#trust();
    this.#writer.trust();
  }

  shallow(): void {
    if (this.#fetch !== undefined) return;
    if (this.#parts.timer.now() - this.#fetchedAt < RENEW_EVERY_MS) return;
    this.#sequence.beginRenewal();
    void this.#load();
  }

  end(): void {
    this.#stopFetching();
  }

  /** Takes a snapshot up. */
  snapshot(snapshot: DepthSnapshot): void {
    this.#fetch = undefined;
    const { lastUpdateId, bids, asks } = snapshot;
    const waiting = Number.isSafeInteger(lastUpdateId)
      ? this.#sequence.snapshot(lastUpdateId)
      : undefined;
    if (waiting === undefined) {
      this.#missed();
      return;
    }
    const { limit, timer } = this.#parts;
    this.#writer.replace({
      levels: pairLevels(bids, asks),
      receivedAt: timer.now(),
      updateId: lastUpdateId,
      limit,
    });
    for (const event of waiting) this.event(event);
  }

  /** Nothing is in doubt any longer. */
  #trust(): void {
    this.#cancelDoubt();
    this.#doubtSince = undefined;
  }

  #refetch(): void {
    this.#stopFetching();
    const { subscription, timer, random } = this.#parts;
    // A snapshot tells nothing while no updates come; when they do, it is asked for.
    if (this.#writer.hasEnded || !flows(subscription.state.snapshot)) return;
    // A second try at once would only find what the first one found.
    const delayMs = this.#failures === 0 ? 0 : pauseMs(RETRY, this.#failures, random);
    if (delayMs === 0) void this.#load();
    else this.#cancelRetry = timer.schedule(delayMs, () => void this.#load());
  }

  async #load(): Promise<void> {
    const run = cancelController();
    this.#fetch = run;
    this.#fetchedAt = this.#parts.timer.now();
    try {
      const snapshot = await this.#parts.fetch(run.signal);
      if (!run.signal.aborted) this.snapshot(snapshot);
    } catch (error) {
      if (run.signal.aborted) return;
      this.#fetch = undefined;
      this.#refused(asWsError(error, { code: "INTERNAL", message: "the order book failed" }));
    }
  }

  /** No usable snapshot came. A book that stands goes on with what it has. */
  #missed(): void {
    if (this.#sequence.isJoined) {
      this.#sequence.endRenewal();
      return;
    }
    this.#failures++;
    this.#refetch();
  }

  #refused(error: WsError): void {
    if (apiVerdict(error) === "permanent") {
      this.#writer.end(error);
      this.#parts.subscription.close();
      return;
    }
    this.#writer.delayed(error);
    this.#missed();
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
}
