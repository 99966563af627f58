import { IdOrder } from "../topic/id-order.js";
import type { Line } from "./line.js";

/**
 * What an event of a line is.
 *
 * - `counts`: it belongs to the present count of ids
 * - `past`: the reader had it before a restart, or it is of a count that has ended
 * - `restart`: with it the venue counts anew
 */
export type CountVerdict = "counts" | "past" | "restart";

/**
 * Tells when the venue's ids began anew. A line discards its own doubles, so its ids fall only
 * then. Of several lines the first that falls decides; the others follow when they fall, or end.
 */
export class IdCounts<T> {
  readonly #lines: readonly Line<T>[];
  #era = 0;
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
      if (verdict !== "next" && verdict.reason === "idsReset") return this.#restart(line);
    }
    if (line.reached === undefined) line.era = this.#era;
    else if (last <= line.reached) {
      if (line.era === this.#era) return this.#restart(line);
      line.era = this.#era;
    }
    if (line.era === this.#era) return "counts";
    // It still counts as the venue did before. If it is the only one left, its count is the right
    // one.
    if (this.#lines.some((other) => other.isUp && other.era === this.#era)) return "past";
    return this.#restart(line);
  }

  #restart(line: Line<T>): "restart" {
    line.era = ++this.#era;
    return "restart";
  }
}
