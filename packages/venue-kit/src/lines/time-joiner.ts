import type { CancelSignal, Timer, WsError } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { followTopic } from "../recovery/follow-topic.js";
import type { GapRecord } from "../topic/gap-record.js";
import type { Subscription } from "../topic/subscription.js";
import type { TopicEvent } from "../topic/topic-event.js";
import { GapFiller } from "./gap-filler.js";
import type { Backfill } from "./gap-filler.js";
import type { ArrivedEvent } from "./held-arrivals.js";
import type { IdRange } from "./id-ranges.js";
import { JoinedOutput } from "./joined-output.js";
import type { EventTime } from "./joined-output.js";
import { Line } from "./line.js";
import type { RecordRules, TimeRange } from "./record-rules.js";
import { TimeHole } from "./time-hole.js";

/** Where the records of a time range can be had; the other options are those of `Backfill`. */
export interface TimeBackfill<R> extends Omit<Backfill<R>, "fetch" | "maxIds"> {
  /**
   * Asks the venue for the records of a time range. What it gives may be incomplete, in any order,
   * and hold others, which are ignored. It is called once at a time. It keeps to the venue's limits
   * itself, and must end when the signal is aborted.
   */
  readonly fetch: (range: TimeRange, signal: CancelSignal) => Promise<readonly R[]>;
}

/** What a {@link TimeJoiner} is made of. */
export interface TimeJoinerParts<T, R> {
  readonly source: Subscription<T>;
  readonly rules: RecordRules<T, R>;
  /** For ages, and how long something is held: sleep counts. */
  readonly timer: ElapsedTimer;
  /** When something happened. */
  readonly clock: Timer;
  readonly backfill: TimeBackfill<R>;
  /** Events that may wait. */
  readonly maxHeld: number;
  readonly time: EventTime<T>;
  /** Where the events go. Nothing else may write to it. */
  readonly out: Subscription<T>;
}

type Waiting<T, R> =
  | { readonly kind: "event"; readonly arrival: ArrivedEvent<T> }
  | { readonly kind: "hole"; readonly hole: TimeHole<T, R> };

/** Records whose identity is kept, to tell what comes again. */
const MAX_KNOWN = 20_000;
/** How long the record after a hole is waited for before the hole is asked for without it. */
const SETTLE_MS = 1_000;

/**
 * Fills the gaps of one subscription whose events have no consecutive ids, by the venue's time.
 *
 * How this works: each gap of the source becomes a hole in the queue of what waits. Its time range
 * is from the last record before it to the newest record of the event after it; when no such event
 * comes within a second, the range is open. The backfill is asked for that range. What it brings is
 * compared by identity with all that came live. Events behind the hole wait until the backfill has
 * answered or `fillWithinMs` are over; what it brings later is delivered late. Without consecutive
 * ids nothing proves that an answer had everything, so the gap record stays and says how many
 * records were brought. Records that come live again, as in the snapshot of a new subscription, are
 * left out.
 */
export class TimeJoiner<T, R> {
  readonly #parts: TimeJoinerParts<T, R>;
  readonly #line: Line<T>;
  readonly #filler: GapFiller<R> | undefined;
  readonly #out: JoinedOutput<T>;
  readonly #queue: Waiting<T, R>[] = [];
  /** Holes that something may still come for, by the number under which they are asked for. */
  readonly #holes = new Map<number, TimeHole<T, R>>();
  readonly #known = new Map<string, R>();
  #lastHole = 0;
  /** The oldest record of the first event: what is before it was never missed. */
  #first: R | undefined;
  #lastMs: number | undefined;
  #doubles = 0;
  #cancelWake: () => void = () => undefined;
  #cancelBound: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: TimeJoinerParts<T, R>) {
    const { source, out, time, backfill } = parts;
    this.#parts = parts;
    this.#line = new Line(source);
    this.#out = new JoinedOutput(out, time);
    // An old event would replace the newest one of such a reader.
    if (out.policy.kind === "reliable")
      this.#filler = new GapFiller<R>(
        { ...backfill, fetch: ({ from }, signal) => this.#fetch(from, signal) },
        {
          missing: (range) => this.#missing(range),
          filled: (records, { from }) => this.#filled(from, records),
          done: () => this.#done(),
        },
      );
    this.#follow();
    void this.#run();
  }

  /** Since when the oldest event waits that is held back, in elapsed milliseconds. */
  get heldSince(): number {
    return this.#oldestHeld()?.arrivedAt ?? Number.POSITIVE_INFINITY;
  }

  /** Events of which every record had come before, and that were not delivered. */
  get doubles(): number {
    return this.#doubles;
  }

  /** Gaps for which something may still come. */
  get openHoles(): number {
    return this.#holes.size;
  }

  /** Delivers what is held, tells what is missing, and ends the source. */
  close(): void {
    this.#finish(undefined);
    this.#parts.source.close();
  }

  async #run(): Promise<void> {
    const { source } = this.#parts;
    let error: WsError | undefined;
    try {
      await followTopic(source, {
        moved: () => {
          // What waits in the source may be from before the gap; then its events tell the place.
          if (source.waiting === 0) this.#heed();
          this.#settle();
        },
        event: (event) => this.#event(event),
      });
    } catch (caught) {
      error = asWsError(caught, { code: "INTERNAL", message: "a line failed" });
    }
    source.close();
    this.#finish(error);
  }

  #event({ data, receivedAt, isCurrent, gaps }: TopicEvent<T>): void {
    if (this.#isClosed) return;
    const { rules, timer } = this.#parts;
    this.#heed(gaps);
    const records = rules.recordsOf(data);
    this.#first ??= records[0];
    const fresh = records.filter((record) => !this.#known.has(rules.keyOf(record)));
    for (const record of fresh) this.#know(record);
    const newest = records.at(-1);
    if (newest !== undefined) this.#bound(newest);
    if (fresh.length === 0 && records.length > 0) this.#doubles++;
    else {
      const own = fresh.length === records.length ? data : rules.eventOf(fresh, data);
      const arrival = { data: own, receivedAt, arrivedAt: timer.arrived(receivedAt), isCurrent };
      this.#queue.push({ kind: "event", arrival });
    }
    this.#settle();
  }

  /** Makes holes of the source's gaps up to this many; of all, without a number. */
  #heed(upTo = this.#parts.source.gapCount): void {
    if (this.#isClosed) return;
    for (const record of this.#line.newGaps(upTo)) {
      this.#out.broke();
      if (this.#filler === undefined || this.#lastMs === undefined) this.#queueTold(record);
      else this.#open(record, this.#lastMs);
    }
  }

  #open(record: GapRecord, fromMs: number): void {
    const hole = new TimeHole(this.#parts.rules, record, fromMs);
    this.#holes.set(++this.#lastHole, hole);
    this.#queue.push({ kind: "hole", hole });
    this.#cancelBound();
    this.#cancelBound = this.#parts.timer.schedule(SETTLE_MS, () => {
      this.#bound(undefined);
      this.#settle();
    });
  }

  /** A gap that cannot be filled: nothing came before it, or its reader is not held. */
  #queueTold(record: GapRecord): void {
    const hole = new TimeHole(this.#parts.rules, record, Number.NEGATIVE_INFINITY);
    hole.isOver = true;
    this.#queue.push({ kind: "hole", hole });
  }

  /** Gives holes their end, where it was not known until now, and asks for them. */
  #bound(after: R | undefined): void {
    this.#cancelBound();
    for (const [number, hole] of this.#holes) {
      const isAsked = hole.range !== undefined;
      if (hole.isWhole || hole.range?.toMs !== undefined) continue;
      hole.bound(after, this.#known);
      if (isAsked) continue;
      if (this.#filler?.ask({ from: number, to: number }) === true) continue;
      hole.isOver = true;
      if (hole.isGivenUp) this.#tell(hole);
    }
  }

  #know(record: R): void {
    const { keyOf, timeMs } = this.#parts.rules;
    this.#known.set(keyOf(record), record);
    const at = timeMs(record);
    if (at !== undefined) this.#lastMs = Math.max(this.#lastMs ?? at, at);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  #fetch(number: number, signal: CancelSignal): Promise<readonly R[]> {
    const range = this.#holes.get(number)?.range;
    return range === undefined ? Promise.resolve([]) : this.#parts.backfill.fetch(range, signal);
  }

  #missing({ from }: IdRange): IdRange | undefined {
    const hole = this.#holes.get(from);
    return hole === undefined || hole.isWhole ? undefined : { from, to: from };
  }

  #filled(number: number, answer: readonly R[]): void {
    const { keyOf, compare } = this.#parts.rules;
    const first = this.#first;
    const isNew = (record: R): boolean =>
      !this.#known.has(keyOf(record)) && (first === undefined || compare(record, first) > 0);
    const hole = this.#holes.get(number);
    for (const record of hole?.take(answer, isNew) ?? []) this.#know(record);
    if (hole?.isGivenUp === true) this.#release(hole);
  }

  #done(): void {
    for (const [number, hole] of this.#holes) {
      if (hole.range === undefined || this.#filler?.isAsking({ from: number, to: number }) === true)
        continue;
      hole.isOver = true;
      if (hole.isGivenUp) this.#tell(hole);
    }
    this.#settle();
  }

  /** Delivers what does not have to wait any longer. */
  #settle(): void {
    if (this.#isClosed) return;
    this.#cancelWake();
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (head.kind === "event") this.#out.push(head.arrival, false);
      else if (head.hole.isOver) this.#tell(head.hole);
      else if (this.#waits()) break;
      else {
        head.hole.isGivenUp = true;
        this.#release(head.hole);
      }
      this.#queue.shift();
    }
    this.#follow();
  }

  /** Whether the events behind the first hole go on waiting; arranges for the end of that. */
  #waits(): boolean {
    const { timer, maxHeld } = this.#parts;
    const held = this.#oldestHeld();
    if (held === undefined) return true;
    if (this.#queue.length > maxHeld) return false;
    const leftMs = held.arrivedAt + (this.#filler?.fillWithinMs ?? 0) - timer.now();
    if (leftMs <= 0) return false;
    this.#cancelWake = timer.schedule(leftMs, () => this.#settle());
    return true;
  }

  #oldestHeld(): ArrivedEvent<T> | undefined {
    const found = this.#queue.find(({ kind }) => kind === "event");
    return found?.kind === "event" ? found.arrival : undefined;
  }

  /** Delivers what was found for a hole. */
  #release(hole: TimeHole<T, R>): void {
    const { rules, timer, clock } = this.#parts;
    const records = hole.release();
    if (records.length === 0) return;
    const receivedAt = clock.now();
    const data = rules.eventOf(records, undefined);
    const arrivedAt = timer.arrived(receivedAt);
    this.#out.push({ data, receivedAt, arrivedAt, isCurrent: false }, true);
  }

  /** Nothing will come for a hole any more. */
  #tell(hole: TimeHole<T, R>): void {
    this.#release(hole);
    for (const [number, other] of this.#holes) if (other === hole) this.#holes.delete(number);
    const { reason, fromTime, toTime } = hole.record;
    const backfilled = hole.range === undefined ? undefined : hole.brought;
    this.#out.gap({ range: undefined, reason, fromTime, toTime, backfilled });
  }

  #follow(): void {
    const { phase, cause } = this.#parts.source.state.snapshot;
    // The reader has ended only when the last event was passed on.
    if (phase === "closed" || phase === "failed") return;
    this.#out.follow(phase, cause, this.#oldestHeld() !== undefined);
  }

  #finish(error: WsError | undefined): void {
    if (this.#isClosed) return;
    this.#heed();
    this.#filler?.close();
    for (const hole of this.#holes.values()) {
      hole.isOver = true;
      if (hole.isGivenUp) this.#tell(hole);
    }
    this.#settle();
    this.#isClosed = true;
    this.#cancelWake();
    this.#cancelBound();
    this.#out.end(error);
  }
}
