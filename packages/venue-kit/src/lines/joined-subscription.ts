import type { TopicEvent } from "../topic/topic-event.js";
import type { TopicRules } from "../topic/topic-rules.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import type { TopicWatch } from "../topic/topic-watch.js";
import { HoldingSubscription } from "./holding-subscription.js";
import type { Holder } from "./holding-subscription.js";
import type { LineScore } from "./arrival-race.js";
import { IdJoiner } from "./id-joiner.js";
import type { IdJoinerParts } from "./id-joiner.js";
import type { IdRange } from "./id-ranges.js";
import { ReaderPosition } from "./reader-position.js";

/** One line of a {@link JoinedSubscription}. */
export interface LineReport extends LineScore {
  /** Where the line stands. A line that is down or stale changes nothing while another is live. */
  readonly state: TopicWatch;
}

/** The part of the joiner that does not depend on the payload. */
type Joiner = Pick<IdJoiner<unknown>, "race" | "heldSince" | "openHoles" | "doubles" | "close"> & {
  readonly lines: readonly { readonly subscription: { readonly state: TopicWatch } }[];
};

/** What a {@link JoinedSubscription} is made of. */
export interface JoinedParts<T> extends Omit<IdJoinerParts<T>, "out" | "position" | "time"> {
  readonly topic: string;
  readonly rules: TopicRules<never> | undefined;
  readonly policy: StreamPolicy;
}

/**
 * A reader of a topic whose events come over one or more lines and from a backfill, joined by the
 * venue's ids: each once, in order, or told in a gap record. It is read like any
 * `Subscription`. Events that a backfill brought, or that came after their place was given
 * up, have `backfilled: true`; the latter are the only ones out of order.
 *
 * Its state is that of the best line: `live` while one is. While events are held because a hole is
 * being filled, it is `recovering`. `epoch` rises when it goes on after no line was up.
 */
export class JoinedSubscription<T> extends HoldingSubscription<T> {
  readonly #joiner: Joiner;
  readonly #position: ReaderPosition;
  readonly #lastIdOf: (event: TopicEvent<unknown>) => number;

  constructor(parts: JoinedParts<T>) {
    super(parts);
    const { lastId } = parts.range;
    // Only events of this reader are looked at.
    this.#lastIdOf = ({ data }) => lastId(data as T);
    this.#position = new ReaderPosition(parts.after);
    this.#joiner = new IdJoiner({
      ...parts,
      out: this,
      position: this.#position,
      time: this.time,
    });
  }

  /**
   * The position to store: every event up to this id was handed out, or told as missing. Give it as
   * `after` when the process starts again. `undefined` before the first event. While a hole is
   * filled late the position stays before it, so what came after the hole comes again then.
   */
  get position(): number | undefined {
    return this.#position.value;
  }

  /** The lines, in the order in which they were given. */
  get lines(): readonly LineReport[] {
    const { lines, race } = this.#joiner;
    return lines.map(({ subscription: { state } }, index) => ({ state, ...race.score(index) }));
  }

  /**
   * Ids before the events handed out last that are still missing and may come late: of these there
   * is no gap record yet.
   */
  get openHoles(): readonly IdRange[] {
    return this.#joiner.openHoles;
  }

  /** Events that came again, or too late for a gap that was told, and were not delivered. */
  get duplicates(): number {
    return this.#joiner.doubles;
  }

  protected override get holder(): Holder {
    return this.#joiner;
  }

  override take(): TopicEvent<T> | undefined {
    const event = super.take();
    if (event !== undefined) this.#handed(event);
    return event;
  }

  override async *batches(): AsyncGenerator<readonly TopicEvent<T>[], undefined> {
    for await (const batch of super.batches()) {
      for (const event of batch) this.#handed(event);
      yield batch;
    }
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<TopicEvent<T>, undefined> {
    for await (const event of { [Symbol.asyncIterator]: () => super[Symbol.asyncIterator]() }) {
      this.#handed(event);
      yield event;
    }
  }

  #handed(event: TopicEvent<T>): void {
    this.#position.handed(this.#lastIdOf(event), event.seq);
  }
}
