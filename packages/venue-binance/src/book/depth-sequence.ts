import type { DepthUpdate } from "../market/payloads.js";
import type { TopicEvent } from "@oath-ws/venue-kit";

/** An update of the book, and when it arrived. */
export type DepthEvent = Pick<TopicEvent<DepthUpdate>, "data" | "receivedAt">;

/** What an update is, by its ids. */
export type DepthVerdict = "next" | "old" | "buffered" | "gap" | "unreadable";

/**
 * Puts snapshots and updates in order by their ids (B-20, B-21), without a look at their levels.
 * An update fits when `U <= id + 1 <= u`, where `id` is the last one before it; the venue's own
 * text wants `id` itself within `[U, u]`, which no recorded snapshot fulfils.
 *
 * Updates are buffered while a snapshot is awaited, at first and also when a book that stands is to
 * be renewed. A snapshot that is older than the first update that can follow it is refused.
 */
export class DepthSequence {
  readonly #maxBuffered: number;
  /** The last id that was handed on; `undefined` while there is no snapshot. */
  #lastId: number | undefined;
  #buffered: DepthEvent[] = [];
  #isBuffering = true;
  /** A snapshot must hold this id, or the updates do not join on to it. */
  #floor = 0;

  /** @param maxBuffered beyond that the oldest go, and a snapshot has to be newer than they were */
  constructor(maxBuffered = 10_000) {
    this.#maxBuffered = maxBuffered;
  }

  /** Whether a snapshot was taken up that updates follow. */
  get isJoined(): boolean {
    return this.#lastId !== undefined;
  }

  /** The book is lost, and the next snapshot has to hold what is known already. */
  lose(): void {
    this.#floor = Math.max(this.#floor, this.#lastId ?? 0);
    this.#lastId = undefined;
    this.#buffered = [];
    this.#isBuffering = true;
  }

  /** The connection broke: ids of before say nothing about what comes. */
  restart(): void {
    this.lose();
    this.#floor = 0;
  }

  /** A snapshot of a book that stands will be asked for: of any moment from now on. */
  beginRenewal(): void {
    if (this.#isBuffering) return;
    this.#isBuffering = true;
    this.#floor = this.#lastId ?? 0;
  }

  /** No snapshot will come for a book that stands. */
  endRenewal(): void {
    if (this.#lastId === undefined) return;
    this.#isBuffering = false;
    this.#buffered = [];
  }

  /** Takes an update up. After a `gap` call {@link lose}, and then this again for the update. */
  next(event: DepthEvent): DepthVerdict {
    if (!isReadable(event.data)) return "unreadable";
    const { U, u } = event.data;
    if (this.#lastId !== undefined && u <= this.#lastId) return "old";
    if (this.#lastId !== undefined && U > this.#lastId + 1) return "gap";
    if (this.#isBuffering) this.#buffer(event);
    if (this.#lastId === undefined) return "buffered";
    this.#lastId = u;
    return "next";
  }

  /**
   * Takes a snapshot up. Returns the updates that may follow it, to be handed to {@link next}, or
   * `undefined` when it is too old.
   */
  snapshot(lastUpdateId: number): readonly DepthEvent[] | undefined {
    if (lastUpdateId < this.#floor) return undefined;
    const waiting = this.#buffered;
    this.#lastId = lastUpdateId;
    this.#buffered = [];
    this.#isBuffering = false;
    this.#floor = 0;
    return waiting;
  }

  #buffer(event: DepthEvent): void {
    // Updates that are buffered from the middle of the stream on need a snapshot that reaches them.
    if (this.#buffered.length === 0) this.#floor = Math.max(this.#floor, event.data.U - 1);
    this.#buffered.push(event);
    if (this.#buffered.length <= this.#maxBuffered) return;
    const dropped = this.#buffered.shift();
    this.#floor = Math.max(this.#floor, dropped?.data.u ?? 0);
  }
}

/**
 * Whether the ids make sense and both sides are there. Levels are looked at when they are applied.
 */
function isReadable(update: DepthUpdate | null | undefined): boolean {
  // A primitive has no fields, and so no ids.
  const { U = Number.NaN, u = Number.NaN, b, a } = update ?? {};
  return (
    Number.isSafeInteger(U) &&
    Number.isSafeInteger(u) &&
    U <= u &&
    Array.isArray(b) &&
    Array.isArray(a)
  );
}
