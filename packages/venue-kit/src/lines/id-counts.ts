import { IdOrder } from "../topic/id-order.js";
import type { Line } from "./line.js";

/**
 * What an event of a line is.
 *
 * - `counts`: it belongs to the present count of ids
 * - `past`: the reader had it before a restart, or it is of a count that has ended
 * - `restart`: with it the venue's ids restart
 */
export type CountVerdict = "counts" | "past" | "restart";

/** The count of a line whose ids are not of the present one. */
const BEFORE = -1;

/** No line is so many ids ahead of all others. */
const FAR = 1_000;

/**
 * Tells when the venue's ids restarted. A line discards its own doubles, so its ids fall only
 * then. Of several lines the first that falls decides; the others follow when they fall, or end.
 */
export class IdCounts<T> {
  readonly #lines: readonly Line<T>[];
  #era = 0;
  /** The highest id of the present count. */
  #top = Number.NEGATIVE_INFINITY;
  /** Judges the first events against the position that was given. */
  #start: IdOrder | undefined;

  constructor(lines: readonly Line<T>[], after: number | undefined) {
    this.#lines = lines;
    if (after === undefined) return;
    this.#start = new IdOrder();
    this.#start.judge(after, after, 0, undefined);
  }

  /** The present count. */
  get era(): number {
    return this.#era;
  }

  judge(line: Line<T>, first: number, last: number, at: number): CountVerdict {
    if (this.#start !== undefined) {
      const verdict = this.#start.judge(first, last, at, "reconnect");
      if (verdict === "double") return "past";
      this.#start = undefined;
      if (verdict !== "next" && verdict.reason === "idsReset") return this.#restart(line, last);
    }
    if (line.reached === undefined) {
      if (this.#isFarAhead(last)) line.era = BEFORE;
      else line.era = this.#era;
    } else if (last <= line.reached) {
      if (line.era === this.#era) return this.#restart(line, last);
      line.era = this.#era;
    }
    if (line.era === this.#era) {
      this.#top = Math.max(this.#top, last);
      return "counts";
    }
    // It still counts as the venue did before. If it is the only one left, its count is the right
    // one.
    if (this.#lines.some((other) => other.isUp && other.era === this.#era)) return "past";
    return this.#restart(line, last);
  }

  /** Whether a line that begins with this id after a restart begins with the old count. */
  #isFarAhead(last: number): boolean {
    return this.#era > 0 && last > this.#top + FAR;
  }

  #restart(line: Line<T>, last: number): "restart" {
    line.era = ++this.#era;
    this.#top = last;
    return "restart";
  }
}
