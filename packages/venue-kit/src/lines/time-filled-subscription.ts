import { elapsedTimer } from "../options/elapsed-timer.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import { HoldingSubscription } from "./holding-subscription.js";
import type { Holder } from "./holding-subscription.js";
import { TimeJoiner } from "./time-joiner.js";
import type { TimeJoinerParts } from "./time-joiner.js";

/** The part of the joiner that does not depend on the payload. */
type Joiner = Pick<TimeJoiner<unknown, unknown>, "heldSince" | "doubles" | "openHoles" | "close">;

/** What a {@link TimeFilledSubscription} is made of. */
export interface TimeFilledParts<T, R>
  extends Omit<TimeJoinerParts<T, R>, "out" | "time" | "timer"> {
  readonly policy: StreamPolicy;
}

/**
 * A reader of a topic without consecutive ids, whose gaps a backfill fills by time. It is read like
 * any `Subscription`. Events that the backfill brought have `backfilled: true`; those that
 * came after `fillWithinMs` are out of order. Every gap has its record, also one that was filled:
 * nothing proves that an answer had everything. It is written when nothing more will come for the
 * gap, and its `backfilled` says how many records were brought. Until then the gap is counted in
 * the state's `breaks` and in `openHoles`.
 *
 * Its state is that of the topic; while events are held because a gap is being filled, it is
 * `recovering`.
 */
export class TimeFilledSubscription<T, R = unknown> extends HoldingSubscription<T> {
  readonly #joiner: Joiner;

  constructor(parts: TimeFilledParts<T, R>) {
    const { source, policy, clock } = parts;
    const { topic, rules } = source;
    const timer = elapsedTimer(clock);
    super({ topic, rules, policy, timer, clock });
    this.#joiner = new TimeJoiner<T, R>({
      ...parts,
      timer,
      out: this,
      time: this.time,
    });
  }

  /** Gaps for which something may still come: of these there is no gap record yet. */
  get openHoles(): number {
    return this.#joiner.openHoles;
  }

  /** Events that brought nothing new and were not delivered. */
  get duplicates(): number {
    return this.#joiner.doubles;
  }

  protected override get holder(): Holder {
    return this.#joiner;
  }
}
