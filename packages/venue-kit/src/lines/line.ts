import type { GapReason, GapRecord } from "../topic/gap-record.js";
import type { Subscription } from "../topic/subscription.js";
import { flows } from "../topic/topic-state.js";
import type { IdRange } from "./id-ranges.js";

/** Records that are looked through for the reason of a hole. */
const LATEST_RECORDS = 20;

const NONE: readonly GapRecord[] = [];

/** One line: a subscription that brings the topic, and how far it has come. */
export class Line<T> {
  readonly subscription: Subscription<T>;
  /** Which count of ids it brings; higher after each time that they restarted. */
  era = 0;
  /** The last id that it brought; what is below will not come from it any more. */
  reached: number | undefined;
  hasEnded = false;
  #gapsSeen: number;

  constructor(subscription: Subscription<T>) {
    this.subscription = subscription;
    this.#gapsSeen = subscription.gapCount;
  }

  /** Whether the venue confirmed it and its connection stands. */
  get isUp(): boolean {
    return !this.hasEnded && flows(this.subscription.state.snapshot);
  }

  /** Whether it may still bring these ids. */
  canBring(range: IdRange, era: number): boolean {
    return (
      this.isUp && this.era === era && !(this.reached !== undefined && this.reached >= range.to)
    );
  }

  /** Why it missed these ids, as far as its own records tell. */
  reasonOf({ from, to }: IdRange): GapReason | undefined {
    const { gaps } = this.subscription;
    const record = gaps.slice(-LATEST_RECORDS).findLast(({ fromSeq, toSeq, reason }) => {
      if (reason === "overflow" || fromSeq === undefined || toSeq === undefined) return false;
      return fromSeq <= to && from <= toSeq;
    });
    return record?.reason;
  }

  /** The records since the last call, up to so many in all. Default: all. */
  newGaps(upTo: number = this.subscription.gapCount): readonly GapRecord[] {
    const { gapCount, gaps } = this.subscription;
    if (upTo <= this.#gapsSeen) return NONE;
    const end = gaps.length - (gapCount - upTo);
    const fresh = gaps.slice(Math.max(0, end - (upTo - this.#gapsSeen)), Math.max(0, end));
    this.#gapsSeen = upTo;
    return fresh;
  }
}
