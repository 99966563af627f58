import type { DepthSnapshot, DepthUpdate } from "../market/payloads.js";
import { OrderBook } from "./order-book.js";

/** Why a snapshot is needed. */
export type ResyncReason =
  | "start"
  | "snapshot-too-old"
  | "gap"
  | "crossed"
  | "malformed"
  | "lagged"
  | "reconnected";

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
 * Makes a good book out of snapshots and diffs (reference 2.4), without clocks or requests: whoever
 * owns it fetches what a verdict asks for. A diff fits when `U <= id + 1 <= u`, where `id` is the
 * book's last update; the venue's own text wants `id` itself within `[U, u]`, which no recorded
 * snapshot fulfils. While the book is not known to be good it is empty, so that no level is seen
 * that may not exist.
 */
export class BookSync {
  readonly book: OrderBook = new OrderBook();
  readonly #maxBuffered: number;
  #isLive = false;
  #buffered: DepthUpdate[] = [];

  /**
   * @param maxBuffered diffs that may wait for a snapshot; beyond that the oldest go, and a
   *   snapshot has to be newer than they were
   */
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
    // What cannot be read is a hole: the book finds it, now or when the snapshot comes.
    if (!isReadable(update)) return this.#isLive ? this.desync("malformed") : IGNORED;
    if (!this.#isLive) {
      this.#buffered.push(update);
      if (this.#buffered.length > this.#maxBuffered) this.#buffered.shift();
      return BUFFERED;
    }
    const verdict = this.#apply(update);
    // What follows is complete, so the snapshot will join on to it. Without it one older than it
    // would pass for the newest.
    if (verdict.kind === "resync") this.#buffered = verdict.reason === "malformed" ? [] : [update];
    return verdict;
  }

  /**
   * Takes a snapshot that was asked for. One that comes when the book is good already is ignored.
   */
  snapshot(snapshot: DepthSnapshot): BookVerdict {
    if (this.#isLive) return IGNORED;
    const waiting = this.#buffered;
    if (!Number.isSafeInteger(snapshot.lastUpdateId)) return this.#broken("malformed");
    const [first] = waiting;
    if (first !== undefined && snapshot.lastUpdateId < first.U - 1)
      return { kind: "resync", reason: "snapshot-too-old" };
    if (!this.book.reset(snapshot)) return this.#broken("malformed");
    if (this.book.isCrossed) return this.#broken("crossed");
    this.#buffered = [];
    this.#isLive = true;
    for (const [index, update] of waiting.entries()) {
      const verdict = this.#apply(update);
      if (verdict.kind !== "resync") continue;
      this.#buffered = waiting.slice(verdict.reason === "malformed" ? index + 1 : index);
      return verdict;
    }
    return APPLIED;
  }

  #apply(update: DepthUpdate): BookVerdict {
    const { lastUpdateId } = this.book;
    if (update.u <= lastUpdateId) return IGNORED;
    if (update.U > lastUpdateId + 1) return this.#broken("gap");
    if (!this.book.apply(update)) return this.#broken("malformed");
    return this.book.isCrossed ? this.#broken("crossed") : APPLIED;
  }

  #broken(reason: ResyncReason): BookVerdict {
    this.#drop();
    return { kind: "resync", reason };
  }

  #drop(): void {
    this.#isLive = false;
    this.book.clear();
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
