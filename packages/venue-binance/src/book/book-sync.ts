import type { DepthSnapshot, DepthUpdate } from "../market/payloads.js";
import { OrderBook } from "./order-book.js";

/** Why a snapshot is needed. */
export type ResyncReason = "start" | "snapshot-too-old" | "gap" | "crossed" | "lagged" | "reconnected";

/** What an input came to. */
export type BookVerdict =
  /** The book changed, and is good. */
  | { readonly kind: "applied" }
  /** Known already. */
  | { readonly kind: "ignored" }
  /** Kept until there is a snapshot. */
  | { readonly kind: "buffered" }
  /** The book is empty until a snapshot made from now on is given in. */
  | { readonly kind: "resync"; readonly reason: ResyncReason };

const APPLIED: BookVerdict = { kind: "applied" };
const IGNORED: BookVerdict = { kind: "ignored" };
const BUFFERED: BookVerdict = { kind: "buffered" };

/**
 * Makes a good book out of snapshots and diffs (reference 2.4), without clocks or requests: whoever owns it fetches what a verdict asks for.
 * A diff fits when `U <= id + 1 <= u`, where `id` is the book's last update; the venue's own text wants `id` itself within `[U, u]`, which no
 * recorded snapshot fulfils. While the book is not known to be good it is empty, so that no level is seen that may not exist.
 */
export class BookSync {
  readonly book: OrderBook = new OrderBook();
  readonly #maxBuffered: number;
  #isLive = false;
  #buffered: DepthUpdate[] = [];

  /** @param maxBuffered diffs that may wait for a snapshot; beyond that the oldest go, and a snapshot has to be newer than they were */
  constructor(maxBuffered = 10_000) {
    this.#maxBuffered = maxBuffered;
  }

  /** Whether the book is good. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whatever is known is not to be trusted. Diffs of before are no use either. */
  desync(reason: ResyncReason): BookVerdict {
    this.#drop();
    this.#buffered = [];
    return { kind: "resync", reason };
  }

  diff(update: DepthUpdate): BookVerdict {
    if (!this.#isLive) {
      this.#buffered.push(update);
      if (this.#buffered.length > this.#maxBuffered) this.#buffered.shift();
      return BUFFERED;
    }
    const verdict = this.#apply(update);
    // What follows the hole is complete: the snapshot will join on to it.
    if (verdict.kind === "resync") this.#buffered = verdict.reason === "gap" ? [update] : [];
    return verdict;
  }

  /** Takes a snapshot that was asked for. One that comes when the book is good already is ignored. */
  snapshot(snapshot: DepthSnapshot): BookVerdict {
    if (this.#isLive) return IGNORED;
    const [first] = this.#buffered;
    if (first !== undefined && snapshot.lastUpdateId < first.U - 1) return { kind: "resync", reason: "snapshot-too-old" };
    const waiting = this.#buffered;
    this.#buffered = [];
    this.book.reset(snapshot);
    this.#isLive = true;
    if (this.book.isCrossed) return this.desync("crossed");
    for (const [index, update] of waiting.entries()) {
      const verdict = this.#apply(update);
      if (verdict.kind !== "resync") continue;
      if (verdict.reason === "gap") this.#buffered = waiting.slice(index);
      return verdict;
    }
    return APPLIED;
  }

  #apply(update: DepthUpdate): BookVerdict {
    const { lastUpdateId } = this.book;
    if (update.u <= lastUpdateId) return IGNORED;
    if (update.U > lastUpdateId + 1) {
      this.#drop();
      return { kind: "resync", reason: "gap" };
    }
    this.book.apply(update);
    if (!this.book.isCrossed) return APPLIED;
    this.#drop();
    return { kind: "resync", reason: "crossed" };
  }

  #drop(): void {
    this.#isLive = false;
    this.book.clear();
  }
}
