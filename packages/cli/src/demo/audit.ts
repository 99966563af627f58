import { streamRules } from "@oath-ws/venue-binance";
import type {
  IdRange as IdRangeOf,
  MarketPayload,
  StreamKind,
  StreamName,
} from "@oath-ws/venue-binance";
import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import { countIds, IdRanges } from "./id-ranges.js";
import type { IdRange } from "./id-ranges.js";

/** How what was delivered compares with what the venue says it published, in ids of the venue. */
export interface Verdict {
  readonly published: number;
  readonly delivered: number;
  /** Not delivered, and told by a gap record. */
  readonly announced: number;
  /** Neither: anything but 0 is a fault of ours. */
  readonly unaccounted: number;
  /** Events that came again; anything but 0 is a fault of ours, too. */
  readonly repeated: number;
}

/**
 * One numbered stream as its reader saw it, kept apart from the adapter's own counters, so that the
 * two can be compared.
 */
export class Audit {
  readonly #range: IdRangeOf<MarketPayload>;
  readonly #delivered = new IdRanges();
  readonly #announced = new IdRanges();
  /** The part of our own numbers that gap records of this reader's slowness cover. */
  readonly #overflowed = new IdRanges();
  #lastId: number | undefined;
  #lastSeq = 0;
  #repeated = 0;

  /** Throws for a stream without consecutive ids: it cannot be audited. */
  constructor(stream: StreamName) {
    const { range } = streamRules<StreamKind>(stream.kind);
    if (range === undefined) throw new Error(`${stream.name} has no consecutive ids`);
    this.#range = range;
  }

  /** A gap record, before the event that follows it. */
  gap({ fromSeq, toSeq, reason }: GapRecord): void {
    if (fromSeq === undefined || toSeq === undefined) return;
    if (reason === "overflow") this.#overflowed.add(fromSeq, toSeq);
    else this.#announced.add(fromSeq, toSeq);
  }

  /** An event that was read. */
  event({ data, seq }: TopicEvent<MarketPayload>): void {
    const first = this.#range.firstId(data);
    const last = this.#range.lastId(data);
    const known = this.#lastId ?? first - 1;
    if (first <= known) this.#repeated++;
    const holeInSeq = { first: this.#lastSeq + 1, last: seq - 1 };
    // An overflow record has our own numbers. What lay between the ids on both sides of it is what
    // it tells of.
    if (
      first > known + 1 &&
      seq > this.#lastSeq + 1 &&
      this.#overflowed.countIn([holeInSeq]) === countIds([holeInSeq])
    ) {
      this.#announced.add(known + 1, first - 1);
    }
    this.#delivered.add(first, last);
    this.#lastId = last;
    this.#lastSeq = seq;
  }

  /** Compares with what the venue published. */
  verdict(published: readonly IdRange[]): Verdict {
    const total = countIds(published);
    const delivered = this.#delivered.countIn(published);
    const known = this.#delivered.union(this.#announced).countIn(published);
    return {
      published: total,
      delivered,
      announced: known - delivered,
      unaccounted: total - known,
      repeated: this.#repeated,
    };
  }
}

/** The verdicts of all streams as one. */
export function addVerdicts(verdicts: readonly Verdict[]): Verdict {
  const sum = (of: (verdict: Verdict) => number): number =>
    verdicts.reduce((so, verdict) => so + of(verdict), 0);
  return {
    published: sum(({ published }) => published),
    delivered: sum(({ delivered }) => delivered),
    announced: sum(({ announced }) => announced),
    unaccounted: sum(({ unaccounted }) => unaccounted),
    repeated: sum(({ repeated }) => repeated),
  };
}

/** A verdict for people. */
export function verdictLine({
  published,
  delivered,
  announced,
  unaccounted,
  repeated,
}: Verdict): string {
  return (
    `verified against the venue's record: ${published} ids published, ${delivered} ` +
    `delivered, ${announced} announced as gaps, ` +
    `unaccounted ${unaccounted}, repeated ${repeated}`
  );
}
