import type { GapReason } from "./gap-record.js";

/**
 * Doubles in a row, each above the one before, after which the venue is taken to count again. A
 * server that lags repeats fewer than that.
 */
const RESET_AFTER_DOUBLES = 100;

/** The same by time, for quiet topics: milliseconds from the first double of a run to this one. */
const RESET_AFTER_MS = 10_000;

/** A run by time has at least so many doubles: one that comes late proves nothing. */
const MIN_RUN = 3;

/**
 * Ids that fall by at least this much with a new connection, or with another owner of a relay,
 * begin again: no server lags that far behind another one.
 */
export const RESET_DISTANCE = 1_000;

/** What is missing before an event that is delivered. */
export interface IdHole {
  /** The missing ids; `undefined` where the venue counts again. */
  readonly fromSeq: number | undefined;
  readonly toSeq: number | undefined;
  readonly reason: GapReason;
}

/**
 * - `"next"`: the event follows directly
 * - `"double"`: it came before, and is discarded
 * - a hole: it is delivered, and this is missing before it
 */
export type IdVerdict = "next" | "double" | IdHole;

/**
 * The order of the ids of one topic: compares each event with the one before.
 *
 * How this works: an id at or below the last one is a double. A venue whose ids begin again looks
 * like one that repeats itself for ever, so doubles are watched: a run of them, each above the one
 * before, that does not reach the last known id within {@link RESET_AFTER_DOUBLES} events or
 * {@link RESET_AFTER_MS}, is a count that began again. What was discarded of it is told as a gap.
 */
export class IdOrder {
  #last: number | undefined;
  #run = 0;
  #runLast = 0;
  #runSince = 0;

  /** The last id; `undefined` before the first event. */
  get last(): number | undefined {
    return this.#last;
  }

  /** Whether an event has come, so that a hole can be told from the next one's id. */
  get isKnown(): boolean {
    return this.#last !== undefined;
  }

  /**
   * Judges the next event, which covers the ids from `first` to `last`.
   *
   * @param at when it arrived, in milliseconds
   * @param suspected why events may be missing before it, if anything broke
   */
  judge(first: number, last: number, at: number, suspected: GapReason | undefined): IdVerdict {
    const known = this.#last;
    if (known !== undefined && last <= known) {
      const isOther = suspected === "reconnect" || suspected === "relay";
      const isFar = isOther && known - last >= RESET_DISTANCE;
      if (!isFar && !this.#isReset(last, known, at)) return "double";
      this.#take(last);
      return { fromSeq: undefined, toSeq: undefined, reason: "idsReset" };
    }
    this.#take(last);
    if (known === undefined || first <= known + 1) return "next";
    return { fromSeq: known + 1, toSeq: first - 1, reason: suspected ?? "venue" };
  }

  #take(last: number): void {
    this.#last = last;
    this.#run = 0;
  }

  /** Counts a double, and tells whether the run that it is part of is a count that began again. */
  #isReset(last: number, known: number, at: number): boolean {
    // What reaches the last known id was a repetition, and what does not rise is no count.
    if (last === known) {
      this.#run = 0;
      return false;
    }
    if (this.#run === 0 || last <= this.#runLast) {
      this.#run = 0;
      this.#runSince = at;
    }
    this.#run++;
    this.#runLast = last;
    return (
      this.#run >= RESET_AFTER_DOUBLES ||
      (this.#run >= MIN_RUN && at - this.#runSince >= RESET_AFTER_MS)
    );
  }
}
