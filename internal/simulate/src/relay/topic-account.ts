import type { Subscription } from "@oath-ws/venue-kit";
import { demand } from "../core/violated.js";
import type { FakeTrade } from "./fake/fake-feed.js";

/**
 * What one reader was told of one topic, over all its lives: each id once, in order, or in a gap
 * record by the time that the event behind it is handed out.
 */
export class TopicAccount {
  readonly topic: string;
  readonly #hasIds: boolean;
  readonly #told = new Set<number>();
  #last: number;
  #hasBegun = false;
  #gapsSeen = 0;
  /** Whether the reader's own stream has said that events were dropped before the next one. */
  #hasOverflown = false;
  /** How many gap records stood before the last event. */
  #gapsBefore = 0;
  /** Whether an earlier process ended behind a gap record, and had no event after it. */
  #endedInGap = false;

  /** @param last the venue's newest id as the reader begins */
  constructor(topic: string, last: number, hasIds: boolean) {
    this.topic = topic;
    this.#last = last;
    this.#hasIds = hasIds;
  }

  /** The newest id that was handed out; `undefined` before the first. */
  get last(): number | undefined {
    return this.#hasBegun ? this.#last : undefined;
  }

  /** The reader has begun at the end of the stream, which may be long after it was started. */
  begin(last: number): void {
    if (!this.#hasBegun) this.#last = last;
  }

  /** @param gaps how many gap records stood before it */
  took(id: number, gaps: number): void {
    // An owner may append later what its line brought before the reader began.
    if (!this.#hasBegun && id <= this.#last) this.#last = id - 1;
    this.#hasBegun = true;
    // An owner that slept may read late what another one told: nothing but the gap tells of it.
    const isBehindGap = gaps > this.#gapsBefore || this.#endedInGap;
    const isNewOwners = !this.#hasIds && isBehindGap;
    demand(
      id > this.#last || isNewOwners,
      "no event is delivered twice or out of order",
      () => `${this.topic}: ${id} after ${this.#last}`,
    );
    // What has no ids is told of by a gap without a range.
    const isTold = this.#hasOverflown || isNewOwners;
    if (!isTold) this.#demandTold(id);
    this.#hasOverflown = this.#endedInGap = false;
    this.#gapsBefore = gaps;
    for (let one = this.#last + 1; one <= id; one++) this.#told.add(one);
    this.#last = id;
  }

  /** Reads the records that came since. Calls `reached` with each reason. */
  noteGaps(subscription: Subscription<FakeTrade>, reached: (reason: string) => void): void {
    const fresh = subscription.gapCount - this.#gapsSeen;
    if (fresh === 0) return;
    this.#gapsSeen = subscription.gapCount;
    for (const { fromSeq, toSeq, reason } of subscription.gaps.slice(-fresh)) {
      reached(reason);
      // More came in one message than the reader may hold: what it lacks is right before the next.
      if (reason === "overflow") this.#hasOverflown = true;
      if (fromSeq === undefined || toSeq === undefined) continue;
      for (let id = fromSeq; id <= toSeq; id++) this.#told.add(id);
    }
  }

  /** Another process goes on: its records begin again. */
  goOn(): void {
    this.#endedInGap ||= this.#gapsSeen > this.#gapsBefore;
    this.#gapsSeen = this.#gapsBefore = 0;
  }

  /** Nothing is unaccounted up to this id. */
  checkEnd(last: number): void {
    if (!this.#hasIds && (this.#gapsSeen > this.#gapsBefore || this.#endedInGap)) return;
    this.#demandTold(last + 1);
  }

  #demandTold(end: number): void {
    for (let id = this.#last + 1; id < end; id++)
      demand(
        this.#told.has(id),
        "unaccounted is 0",
        () => `${this.topic}: ${id} stands in no gap record, and ${end} comes behind it`,
      );
  }
}
