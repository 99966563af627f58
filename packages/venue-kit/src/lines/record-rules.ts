/**
 * How events of a topic without consecutive ids are taken apart and compared: each holds records,
 * such as trades, that have an identity and a time of the venue.
 */
export interface RecordRules<T, R> {
  /** The records of an event, oldest first. */
  readonly recordsOf: (data: T) => readonly R[];
  /** What makes a record the same one, however it came. */
  readonly keyOf: (record: R) => string;
  /** The venue's time of a record, in Unix milliseconds; `undefined` where it tells none. */
  readonly timeMs: (record: R) => number | undefined;
  /** The order of records: negative when the first one is older. */
  readonly compare: (one: R, other: R) => number;
  /**
   * An event with these records, oldest first. `of` is the live event that had more of them;
   * `undefined` for what a backfill brought.
   */
  readonly eventOf: (records: readonly R[], of: T | undefined) => T;
  /**
   * Changes what the backfill brought to what the stream would have told, given those of its
   * records that came live too. Default: they are alike.
   */
  readonly liken?: (found: readonly R[], live: ReadonlyMap<string, R>) => readonly R[];
}

/** A time range of the venue's clock, in Unix milliseconds, both ends included. */
export interface TimeRange {
  readonly fromMs: number;
  /** `undefined`: until now. */
  readonly toMs: number | undefined;
}
