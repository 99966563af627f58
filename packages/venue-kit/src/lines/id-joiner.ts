import type { Timer, WsError } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { followTopic } from "../recovery/follow-topic.js";
import type { GapReason } from "../topic/gap-record.js";
import type { Subscription } from "../topic/subscription.js";
import type { TopicEvent } from "../topic/topic-event.js";
import type { TopicRules } from "../topic/topic-rules.js";
import { ArrivalRace } from "./arrival-race.js";
import { GapFiller } from "./gap-filler.js";
import type { Backfill } from "./gap-filler.js";
import { HeldArrivals } from "./held-arrivals.js";
import type { Arrival } from "./held-arrivals.js";
import { IdRanges } from "./id-ranges.js";
import type { IdRange } from "./id-ranges.js";
import { IdCounts } from "./id-counts.js";
import { JoinedOutput } from "./joined-output.js";
import type { EventTime } from "./joined-output.js";
import { joinedPhase } from "./joined-phase.js";
import { Line } from "./line.js";
import { OpenHoles } from "./open-holes.js";
import type { OpenHole } from "./open-holes.js";
import type { ReaderPosition } from "./reader-position.js";

/** What an {@link IdJoiner} is made of. */
export interface IdJoinerParts<T> {
  readonly lines: readonly Subscription<T>[];
  readonly range: NonNullable<TopicRules<T>["range"]>;
  /** For ages, and how long something is held: sleep counts. */
  readonly timer: ElapsedTimer;
  /** When something happened. */
  readonly clock: Timer;
  /** The last id that the reader has; `undefined`: the first event begins it. */
  readonly after: number | undefined;
  readonly backfill: Backfill<T> | undefined;
  /** How long events wait for a slower line, in milliseconds. */
  readonly waitMs: number;
  /** How long a hole that was given up may still be closed, in milliseconds. */
  readonly lateMs: number;
  /** Events that may wait. */
  readonly maxHeld: number;
  readonly time: EventTime<T>;
  /** Where the events go. Nothing else may write to it. */
  readonly out: Subscription<T>;
  readonly position: ReaderPosition;
}

/**
 * Joins one or more lines of a topic, and a backfill, to one stream in the order of the venue's
 * ids.
 *
 * How this works: `#next` is the id that has to come. An event that begins at or below it goes out;
 * one that came before is a double; one that begins above it is held, and the ids between are a
 * hole. Another line that has not come so far yet may close the hole, for `waitMs`; then the
 * backfill is asked, for `fillWithinMs`. When neither helps in time the hole is given up: what was
 * held goes out, and the hole stays open for a while. What comes for it then is delivered late.
 * What nothing can bring any more becomes a gap record. So each id of the venue is delivered once
 * or is told as missing once. A reader of policy `latest` is never held: its holes are given up at
 * once, and late events are left out.
 */
export class IdJoiner<T> {
  readonly lines: readonly Line<T>[];
  readonly race: ArrivalRace;
  readonly #parts: IdJoinerParts<T>;
  readonly #filler: GapFiller<T> | undefined;
  readonly #out: JoinedOutput<T>;
  readonly #held = new HeldArrivals<T>();
  readonly #isHolding: boolean;
  readonly #open = new OpenHoles();
  readonly #counts: IdCounts<T>;
  #next: number | undefined;
  /** Whether the hole after that position is still to come. */
  #isRestart = false;
  #doubles = 0;
  #lastAt: number | undefined;
  /** The hole that the backfill was asked for last. */
  #tried: IdRange | undefined;
  #isFilling = false;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: IdJoinerParts<T>) {
    const { lines, after, backfill, out } = parts;
    this.#parts = parts;
    this.#out = new JoinedOutput(out, parts.time);
    this.lines = lines.map((subscription) => new Line(subscription));
    this.#counts = new IdCounts(this.lines, after);
    this.race = new ArrivalRace(lines.length);
    this.#isHolding = out.policy.kind === "reliable";
    if (after !== undefined) {
      this.#next = after + 1;
      this.#isRestart = true;
    }
    // An old event would replace the newest one of such a reader.
    if (backfill !== undefined && this.#isHolding)
      this.#filler = new GapFiller(backfill, {
        missing: (range) => this.#missing(range),
        filled: (events, range) => this.#filled(events, range),
        done: () => this.#settle(),
      });
    this.#follow();
    for (const [index, line] of this.lines.entries()) void this.#run(line, index);
  }

  /** Since when the oldest event waits that is held back, in elapsed milliseconds. */
  get heldSince(): number {
    return this.#held.oldestAt;
  }

  /** Holes that were given up and may still be filled. */
  get openHoles(): readonly IdRange[] {
    return this.#open.missing;
  }

  /** Events that came again, or when it was too late for them, and were not delivered. */
  get doubles(): number {
    return this.#doubles;
  }

  /** Delivers what is held, tells what is missing, and ends all lines. */
  close(): void {
    this.#finish(undefined);
    for (const { subscription } of this.lines) subscription.close();
  }

  async #run(line: Line<T>, index: number): Promise<void> {
    let error: WsError | undefined;
    try {
      await followTopic(line.subscription, {
        moved: () => {
          this.#heed(line);
          this.#settle();
        },
        event: (event) => this.#event(line, index, event),
      });
    } catch (caught) {
      error = asWsError(caught, { code: "INTERNAL", message: "a line failed" });
    }
    line.hasEnded = true;
    line.subscription.close();
    if (this.lines.every(({ hasEnded }) => hasEnded)) this.#finish(error);
    else this.#settle();
  }

  #event(line: Line<T>, index: number, event: TopicEvent<T>): void {
    if (this.#isClosed) return;
    const { range, timer } = this.#parts;
    const { data, receivedAt, isCurrent } = event;
    const first = range.firstId(data);
    const last = range.lastId(data);
    this.#heed(line);
    const verdict = this.#counts.judge(line, first, last, receivedAt);
    if (verdict === "past") {
      this.#doubles++;
      return;
    }
    if (verdict === "restart") this.#restart(first, receivedAt);
    line.reached = last;
    const arrivedAt = timer.arrived(receivedAt);
    this.race.arrived(last, index, arrivedAt);
    this.#place({ data, first, last, receivedAt, arrivedAt, isCurrent, backfilled: false });
    if (this.#held.size > 0 || this.#open.size > 0) this.#settle();
  }

  /** The venue's ids restart: what was missing of the old count will not come any more. */
  #restart(first: number, at: number): void {
    this.#filler?.forget();
    this.#tried = undefined;
    this.#flush(at);
    this.#isRestart = false;
    this.race.restart();
    this.#out.broke();
    this.#out.gap({ range: undefined, reason: "idsReset", fromTime: this.#lastAt, toTime: at });
    this.#parts.position.restart(this.#out.seq + 1);
    this.#next = first;
  }

  /** Passes on what a line missed before the first event told from where ids are known. */
  #heed(line: Line<T>): void {
    for (const { fromSeq, reason, fromTime, toTime } of line.newGaps()) {
      if (fromSeq !== undefined || reason === "idsReset" || this.#next !== undefined) continue;
      if (this.lines.some((other) => other !== line && other.isUp)) continue;
      this.#out.broke();
      this.#out.gap({ range: undefined, reason, fromTime, toTime });
    }
  }

  #place(arrival: Arrival<T>): void {
    const next = (this.#next ??= arrival.first);
    if (arrival.last < next) this.#late(arrival);
    else if (arrival.first <= next && this.#held.size === 0) this.#deliver(arrival);
    else if (!this.#held.add(arrival)) this.#doubles++;
  }

  /** An event whose place is past: for a hole that is still open, or a double. */
  #late(arrival: Arrival<T>): void {
    if (!this.#open.take(arrival.first, arrival.last)) this.#doubles++;
    else if (this.#isHolding) this.#out.push(arrival, true);
  }

  /** Delivers what can be delivered, and decides how long the rest waits. */
  #settle(): void {
    if (this.#isClosed) return;
    this.#cancelTimer();
    this.#isFilling = false;
    for (;;) {
      this.#drain();
      const hole = this.#hole();
      if (hole === undefined) break;
      const waitsMs = this.#waitsMs(hole);
      if (waitsMs > 0) {
        this.#wake(waitsMs);
        break;
      }
      // The first part of a long hole may have been told meanwhile.
      this.#giveUp(this.#hole() ?? hole);
    }
    this.#review();
    this.#follow();
  }

  #hole(): IdRange | undefined {
    const { head } = this.#held;
    return head === undefined ? undefined : { from: this.#next ?? head.first, to: head.first - 1 };
  }

  /** How long the held events go on waiting for the hole before them; 0: not. */
  #waitsMs(hole: IdRange): number {
    const { timer, waitMs, maxHeld } = this.#parts;
    if (!this.#isHolding) return 0;
    const isFull = this.#held.size > maxHeld;
    const heldMs = timer.now() - this.#held.oldestAt;
    const left = this.#canBring(hole) ? waitMs - heldMs : 0;
    if (left > 0 && !isFull) return left;
    if (!this.#asks(hole) || isFull) return 0;
    const fillsMs = (this.#filler?.fillWithinMs ?? 0) - heldMs;
    this.#isFilling = fillsMs > 0;
    return fillsMs;
  }

  /** Whether the backfill is asked for the hole, now or already. */
  #asks(hole: IdRange): boolean {
    const filler = this.#filler;
    if (filler === undefined) return false;
    if (filler.isAsking(hole)) return true;
    // Every try was in vain: what is left of it is part of a hole that was asked for.
    if (this.#tried !== undefined && this.#tried.from <= hole.from && hole.to <= this.#tried.to)
      return false;
    const from = Math.max(hole.from, hole.to - filler.maxIds + 1);
    if (from > hole.from) this.#skip({ from: hole.from, to: from - 1 });
    const range = { from, to: hole.to };
    this.#tried = range;
    return filler.ask(range);
  }

  /** Tells the first part of a hole as missing, without asking for it. */
  #skip(range: IdRange): void {
    this.#missed(range, this.#parts.clock.now());
    this.#next = range.to + 1;
  }

  /** Goes on without the hole, which stays open for what may come late. */
  #giveUp(hole: IdRange): void {
    const { timer, clock, lateMs, position } = this.#parts;
    this.#out.broke();
    const oldest = this.#open.add({
      missing: new IdRanges(hole),
      whole: hole,
      reason: this.#reasonOf(hole),
      fromTime: this.#lastAt,
      toTime: this.#held.head?.receivedAt ?? clock.now(),
      until: timer.now() + lateMs,
      floor: position.openAfter(hole.from - 1),
    });
    this.#next = hole.to + 1;
    if (oldest !== undefined) this.#tell(oldest);
  }

  /** Tells of open holes that nothing can close any more. */
  #review(): void {
    const now = this.#parts.timer.now();
    const closed = this.#open.close(({ whole, until }) => {
      if (this.#filler?.isAsking(whole) === true) return true;
      return until > now && this.#canBring(whole);
    });
    for (const hole of closed) this.#tell(hole);
    if (this.#held.size > 0) return;
    const leftMs = this.#open.nextUntil - now;
    if (leftMs > 0 && leftMs !== Number.POSITIVE_INFINITY) this.#wake(leftMs);
  }

  #tell(hole: OpenHole): void {
    for (const range of hole.missing.ranges) this.#out.gap({ ...hole, range });
    hole.floor.liftAtSeq = this.#out.seq;
  }

  /** Tells a hole before the held events as missing; `at` stands for the time when it ended. */
  #missed(range: IdRange, at: number): void {
    this.#out.broke();
    const toTime = this.#held.head?.receivedAt ?? at;
    this.#out.gap({ range, reason: this.#reasonOf(range), fromTime: this.#lastAt, toTime });
  }

  #canBring(hole: IdRange): boolean {
    return this.lines.some((line) => line.canBring(hole, this.#counts.era));
  }

  #reasonOf(hole: IdRange): GapReason {
    if (this.#isRestart) return "restart";
    for (const line of this.lines) {
      const reason = line.reasonOf(hole);
      if (reason !== undefined) return reason;
    }
    return "venue";
  }

  #drain(): void {
    for (let { head } = this.#held; head !== undefined; { head } = this.#held) {
      if (head.first > (this.#next ?? head.first)) return;
      this.#held.shift();
      if (head.last >= (this.#next ?? head.first)) this.#deliver(head);
      else this.#doubles++;
    }
  }

  #deliver(arrival: Arrival<T>): void {
    // A batch may begin in a hole that was given up.
    if (arrival.first < (this.#next ?? 0)) this.#open.take(arrival.first, arrival.last);
    this.#next = arrival.last + 1;
    // What came in its place is no hole; the position is met.
    this.#isRestart &&= arrival.backfilled;
    this.#lastAt = arrival.receivedAt;
    this.#out.push(arrival, arrival.backfilled);
  }

  /** What is still missing of a range, from the first such id to the last. */
  #missing(range: IdRange): IdRange | undefined {
    const missing = this.#open.missing.filter(
      ({ from, to }) => from <= range.to && range.from <= to,
    );
    const next = this.#next;
    if (next !== undefined && this.#held.size > 0 && next <= range.to)
      missing.push(...this.#held.missing({ from: Math.max(next, range.from), to: range.to }));
    if (missing.length === 0) return undefined;
    return {
      from: Math.max(range.from, Math.min(...missing.map(({ from }) => from))),
      to: Math.min(range.to, Math.max(...missing.map(({ to }) => to))),
    };
  }

  #filled(events: readonly T[], asked: IdRange): void {
    const { range, timer, clock } = this.#parts;
    const receivedAt = clock.now();
    const arrivedAt = timer.arrived(receivedAt);
    const arrivals = events
      .map((data): Arrival<T> => {
        const first = range.firstId(data);
        const last = range.lastId(data);
        return { data, first, last, receivedAt, arrivedAt, isCurrent: false, backfilled: true };
      })
      .filter(({ first, last }) => first >= asked.from && last <= asked.to)
      .sort((one, other) => one.first - other.first);
    for (const arrival of arrivals) this.#place(arrival);
    this.#drain();
  }

  /** Lets the reader's state follow the best line. */
  #follow(): void {
    const { phase, cause } = joinedPhase(this.lines.map(({ subscription }) => subscription.state));
    this.#out.follow(phase, cause, this.#isFilling);
  }

  #wake(afterMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.timer.schedule(afterMs, () => this.#settle());
  }

  /** Delivers all that is held, and tells all that is missing. */
  #flush(at: number): void {
    for (let hole = this.#hole(); hole !== undefined; hole = this.#hole()) {
      if (hole.from <= hole.to) this.#missed(hole, at);
      this.#next = hole.to + 1;
      this.#drain();
    }
    for (const hole of this.#open.close(() => false)) this.#tell(hole);
  }

  #finish(error: WsError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    this.#filler?.close();
    this.#flush(this.#parts.clock.now());
    this.#out.end(error);
  }
}
