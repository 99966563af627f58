import { WsError } from "@oath-ws/contract";
import type { GapRecord } from "../topic/gap-record.js";
import type { RecordRules, TimeRange } from "./record-rules.js";

/** Where a {@link TimeHole} is, and what is known of its ends. */
interface Ends<R> {
  readonly range: TimeRange;
  /** The record after the hole: an answer that lacks it ends too early. */
  readonly after: R | undefined;
  /** Records of that time range that came live. */
  readonly live: ReadonlyMap<string, R>;
}

/** A place of a topic where records may be missing, and what a backfill has brought for it. */
export class TimeHole<T, R> {
  readonly record: GapRecord;
  /** It is waited for no longer; what comes is late. */
  isGivenUp = false;
  /** Nothing more will come for it. */
  isOver = false;
  /** How many records were brought. */
  brought = 0;
  readonly #rules: RecordRules<T, R>;
  readonly #fromMs: number;
  #ends: Ends<R> | undefined;
  #isWhole = false;
  #found: R[] = [];

  /** @param fromMs the venue's time of the last record before it */
  constructor(rules: RecordRules<T, R>, record: GapRecord, fromMs: number) {
    this.#rules = rules;
    this.record = record;
    this.#fromMs = fromMs;
  }

  /** What to ask for; `undefined` before {@link bound}. */
  get range(): TimeRange | undefined {
    return this.#ends?.range;
  }

  /** Whether an answer came that reaches over the whole hole. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * The record after the hole is known, or is not waited for. It may become known later: what an
   * answer has beyond it is not of this hole.
   */
  bound(after: R | undefined, known: ReadonlyMap<string, R>): void {
    const { keyOf, timeMs } = this.#rules;
    const toMs = after === undefined ? undefined : timeMs(after);
    const live = new Map<string, R>();
    for (const record of known.values())
      if (this.#isWithin(timeMs(record), toMs)) live.set(keyOf(record), record);
    this.#ends = { range: { fromMs: this.#fromMs, toMs }, after, live };
  }

  /**
   * Takes an answer of the backfill.
   *
   * @param isNew whether a record was not delivered yet, and is not before the reader's beginning
   * @throws WsError `BACKFILL_UNMATCHED` when nothing of it is known from the stream although the
   *   ends of the hole are: its records cannot be compared then, and might be delivered twice
   */
  take(answer: readonly R[], isNew: (record: R) => boolean): readonly R[] {
    const { keyOf, timeMs, liken } = this.#rules;
    if (this.#ends === undefined || answer.length === 0) return [];
    const { range, after, live } = this.#ends;
    const keys = new Set(answer.map(keyOf));
    if (![...live.keys()].some((key) => keys.has(key))) throw unmatched();
    this.#isWhole = after === undefined || keys.has(keyOf(after));
    const own = new Set<string>();
    const fresh = (liken?.(answer, live) ?? answer).filter((record) => {
      const key = keyOf(record);
      if (own.has(key) || live.has(key) || !isNew(record)) return false;
      own.add(key);
      return this.#isWithin(timeMs(record), range.toMs);
    });
    this.brought += fresh.length;
    this.#found.push(...fresh);
    return fresh;
  }

  /** What was found since the last call, oldest first. */
  release(): readonly R[] {
    const found = this.#found.sort(this.#rules.compare);
    this.#found = [];
    return found;
  }

  #isWithin(at: number | undefined, toMs: number | undefined): boolean {
    return at !== undefined && at >= this.#fromMs && (toMs === undefined || at <= toMs);
  }
}

function unmatched(): WsError {
  return new WsError({
    kind: "server",
    code: "BACKFILL_UNMATCHED",
    message: "the backfill's answer has none of the records that the stream had at that time",
  });
}
