/**
 * Why events may be missing.
 *
 * - `reconnect`: the connection or the session on it ended, or a planned renewal did not go without
 *   a break, and what the venue published meanwhile never arrived
 * - `lagged`: our own receive buffer dropped frames; with ids the hole is exact, without it is a
 *   suspicion
 * - `venue`: the ids of one connection have a hole: the venue, or something before us, left events
 *   out
 * - `malformed`: a frame of the connection could not be decoded
 * - `overflow`: the reader of this stream was slower than its own bound
 * - `idsReset`: the venue's ids fell and stayed low: it counts again, and what lies between is
 *   unknown
 * - `restart`: our process was away: the reader went on from a stored position, and these ids came
 *   between that position and the first event
 * - `relay`: they were lost between the relay that read the venue and this reader: another owner
 *   went on, the engine was away for too long or forgot, or its retention ran past
 */
export type GapReason =
  | "reconnect"
  | "lagged"
  | "venue"
  | "malformed"
  | "overflow"
  | "idsReset"
  | "restart"
  | "relay";

/** Events of a topic that were not delivered, or may not have been. Nothing is lost without one. */
export interface GapRecord {
  readonly topic: string;
  /** The session in which the topic went on. */
  readonly epoch: number;
  /**
   * The first missing id of the venue; `undefined` where the topic has no consecutive ids. For
   * `overflow`, our own `seq`.
   */
  readonly fromSeq: number | undefined;
  /** The last missing id. */
  readonly toSeq: number | undefined;
  /**
   * When the last event before the gap arrived ({@link Timer.now} milliseconds); `undefined` when
   * there was none.
   */
  readonly fromTime: number | undefined;
  /** When the topic went on: its next event arrived, or what had broken was whole again before. */
  readonly toTime: number;
  readonly reason: GapReason;
  /**
   * For gaps without ids that a backfill was asked for: how many records of the venue it brought,
   * delivered with `backfilled: true`. Nothing proves that there were no others, so the gap stays.
   */
  readonly backfilled?: number;
}

/** The latest gaps of a topic, and how many there were. */
export class GapLog {
  readonly #kept: GapRecord[] = [];
  readonly #max: number;
  #total = 0;

  /** @param max records kept; older ones are forgotten, but stay counted */
  constructor(max = 1_000) {
    this.#max = max;
  }

  /** Records so far, forgotten ones included. */
  get total(): number {
    return this.#total;
  }

  /** The latest records, oldest first. */
  get records(): readonly GapRecord[] {
    return this.#kept;
  }

  add(record: GapRecord): void {
    this.#total++;
    this.#kept.push(Object.freeze(record));
    if (this.#kept.length > this.#max) this.#kept.shift();
  }
}
