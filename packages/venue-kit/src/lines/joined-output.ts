import type { WsError } from "@oath-ws/contract";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { ClockOffset } from "../topic/clock-offset.js";
import type { GapReason } from "../topic/gap-record.js";
import type { Subscription } from "../topic/subscription.js";
import { flows } from "../topic/topic-state.js";
import type { TopicPhase } from "../topic/topic-state.js";
import type { ArrivedEvent } from "./held-arrivals.js";
import type { IdRange } from "./id-ranges.js";

/** Where a gap begins and ends; without ids where they are not known. */
export interface GapSpan {
  readonly range: IdRange | undefined;
  readonly reason: GapReason;
  readonly fromTime: number | undefined;
  readonly toTime: number;
  /** What a backfill brought for it, where that does not say whether anything is left. */
  readonly backfilled?: number | undefined;
}

/** When the venue says that an event was, and how far its clock is from ours. */
export interface EventTime<T> {
  readonly timeMs: ((data: T) => number | undefined) | undefined;
  readonly clock: ClockOffset | undefined;
  readonly timer: ElapsedTimer;
}

/** Writes events, gap records and the state of a reader that is made of other ones. */
export class JoinedOutput<T> {
  readonly #out: Subscription<T>;
  readonly #time: EventTime<T>;
  #seq = 0;
  #epoch = 0;
  #gaps = 0;
  #breaks = 0;
  #isDown = true;

  /** @param out nothing else may write to it */
  constructor(out: Subscription<T>, time: EventTime<T>) {
    this.#out = out;
    this.#time = time;
  }

  /** The number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** @param backfilled whether it comes otherwise than live and in its place */
  push(arrival: ArrivedEvent<T>, backfilled: boolean): void {
    const { data, receivedAt, arrivedAt, isCurrent } = arrival;
    const venueMs = this.#time.timeMs?.(data);
    // What REST brings took its time, which says nothing about the clocks.
    if (venueMs !== undefined && !backfilled)
      this.#time.clock?.heard(this.#time.timer.latestArrival(receivedAt), venueMs);
    this.#out.push(
      {
        topic: this.#out.topic,
        data,
        epoch: this.#epoch,
        seq: ++this.#seq,
        receivedAt,
        isCurrent: isCurrent && !backfilled,
        gaps: this.#gaps,
        backfilled,
      },
      arrivedAt,
      venueMs,
    );
  }

  /** Something may be missing; whether it is, is told later. */
  broke(): void {
    this.#breaks++;
    this.#out.state.counted(this.#gaps, this.#breaks);
  }

  gap({ range, reason, fromTime, toTime, backfilled }: GapSpan): void {
    const { topic } = this.#out;
    const epoch = this.#epoch;
    const ids = { fromSeq: range?.from, toSeq: range?.to };
    const filled = backfilled === undefined ? {} : { backfilled };
    this.#out.note({ topic, epoch, ...ids, fromTime, toTime, reason, ...filled });
    this.#gaps++;
    this.#out.state.counted(this.#gaps, this.#breaks);
  }

  /** The best line is in this phase. An epoch begins when one is up after none was. */
  follow(phase: TopicPhase, cause: WsError | undefined, isFilling: boolean): void {
    const isDown = !flows({ phase });
    if (this.#isDown && !isDown) this.#epoch++;
    this.#isDown = isDown;
    this.#out.state.enter(!isDown && isFilling ? "recovering" : phase, cause, this.#epoch);
  }

  end(error: WsError | undefined): void {
    this.#out.state.enter(error === undefined ? "closed" : "failed", error);
    this.#out.end(error);
  }
}
