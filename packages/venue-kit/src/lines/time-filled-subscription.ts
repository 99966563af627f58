import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { ClockOffset } from "../topic/clock-offset.js";
import type { HandedEvent } from "../topic/event-age.js";
import { Subscription } from "../topic/subscription.js";
import type { TopicRules } from "../topic/topic-rules.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import { TopicWatch } from "../topic/topic-watch.js";
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
 * any {@link Subscription}. Events that the backfill brought have `backfilled: true`; those that
 * came after `fillWithinMs` are out of order. Every gap has its record, also one that was filled:
 * nothing proves that an answer had everything. It is written when nothing more will come for the
 * gap, and its `backfilled` says how many records were brought. Until then the gap is counted in
 * the state's `breaks` and in `openHoles`.
 *
 * Its state is that of the topic; while events are held because a gap is being filled, it is
 * `recovering`.
 */
export class TimeFilledSubscription<T, R = unknown> extends Subscription<T> {
  readonly #joiner: Joiner;
  readonly #timer: ElapsedTimer;

  constructor(parts: TimeFilledParts<T, R>) {
    const { source, policy, clock } = parts;
    const { topic, rules } = source;
    const timer = elapsedTimer(clock);
    const state = new TopicWatch(() => clock.now());
    const { timeMs } = (rules ?? {}) as Partial<TopicRules<T>>;
    const offset = timeMs === undefined ? undefined : new ClockOffset();
    super({ timer, clock: offset, topic, state, policy, rules, onClose: () => undefined });
    this.#timer = timer;
    this.#joiner = new TimeJoiner<T, R>({
      ...parts,
      timer,
      out: this,
      time: { timeMs, clock: offset, timer },
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

  override isFreshAs(handed: Readonly<HandedEvent>, maxAgeMs: number): boolean {
    return this.#heldMs <= maxAgeMs && super.isFreshAs(handed, maxAgeMs);
  }

  /** The same with events that are held because of a gap before them. */
  override get readerBehindMs(): number {
    return Math.max(this.#heldMs, super.readerBehindMs);
  }

  /**
   * Cancels: what is held is delivered, what is missing told, and the topic is closed. Idempotent.
   */
  override close(): void {
    this.#joiner.close();
    super.close();
  }

  get #heldMs(): number {
    return Math.max(0, this.#timer.now() - this.#joiner.heldSince);
  }
}
