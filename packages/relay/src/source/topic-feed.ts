import type { Timer } from "@oath-ws/contract";
import { elapsedTimer } from "@oath-ws/venue-kit";
import type { ElapsedTimer, Subscription, TopicEvent, TopicWatch } from "@oath-ws/venue-kit";
import type { LoggedItem } from "../owner/item-log.js";
import type { GapBody, StateBody, TopicMark } from "../wire/item.js";
import { writeJson } from "../wire/json.js";
import { errorBody } from "./lifecycle-body.js";
import { plainItem } from "./relay-source.js";

/** What a topic's part of a source is made with. */
export interface TopicFeedOptions {
  /** The topic's index in the shard. */
  readonly index: number;
  readonly timer: Timer;
  readonly push: (item: LoggedItem) => void;
  readonly onFault: (error: unknown) => void;
}

/** One topic of a feed on its way into a relay. */
export class TopicFeed {
  readonly #name: string;
  readonly #subscription: Subscription<unknown>;
  readonly #options: TopicFeedOptions;
  readonly #elapsed: ElapsedTimer;
  readonly #unlisten: () => void;
  #gapsTold: number;

  constructor(name: string, subscription: Subscription<unknown>, options: TopicFeedOptions) {
    this.#name = name;
    this.#subscription = subscription;
    this.#options = options;
    this.#elapsed = elapsedTimer(options.timer);
    this.#gapsTold = subscription.gapCount;
    this.#unlisten = subscription.listen({
      pushed: () => this.#take(),
      ended: () => undefined,
    });
    pushStates(subscription.state, options);
  }

  stop(): void {
    this.#unlisten();
    this.#subscription.close();
  }

  fresh(): readonly LoggedItem[] {
    return [stateItem(this.#subscription.state, this.#options)];
  }

  mark(): Omit<TopicMark, "lastId"> {
    const { state, rules } = this.#subscription;
    const hasIds = rules?.range !== undefined && rules.idsHold === true;
    return { name: this.#name, hasIds, isBook: false, state: stateBody(state) };
  }

  #take(): void {
    const event = this.#subscription.take();
    if (event === undefined) return;
    try {
      this.#tellGaps();
      this.#options.push(this.#item(event));
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #item({ data, epoch, isCurrent }: TopicEvent<unknown>): LoggedItem {
    const { rules, handed } = this.#subscription;
    // Rules are made for their own topic's payloads.
    const range = rules?.idsHold === true ? rules.range : undefined;
    return {
      kind: "event",
      topic: this.#options.index,
      epoch,
      isCurrent,
      firstId: range?.firstId(data as never),
      lastId: range?.lastId(data as never),
      venueMs: handed.venueMs,
      at: handed.arrivedAt,
      payload: writeJson(data),
    };
  }

  #tellGaps(): void {
    const { gaps, gapCount } = this.#subscription;
    const fresh = gapCount - this.#gapsTold;
    if (fresh === 0) return;
    this.#gapsTold = gapCount;
    const now = this.#elapsed.now();
    for (const { fromSeq, toSeq, fromTime, toTime, reason } of gaps.slice(-fresh)) {
      const body: GapBody = {
        fromSeq: fromSeq ?? null,
        toSeq: toSeq ?? null,
        fromAgoMs: fromTime === undefined ? null : toTime - fromTime,
        reason,
      };
      const isReset = reason === "idsReset";
      const item = plainItem("gap", now, writeJson(body), this.#options.index);
      this.#options.push({ ...item, isReset });
    }
  }
}

/** Pushes every further state of a topic, until it is final. */
export function pushStates(state: TopicWatch, options: TopicFeedOptions): void {
  const follow = async (): Promise<void> => {
    let seen = state.snapshot;
    while (await state.changed({ since: seen })) {
      const { phase, epoch, cause } = seen;
      seen = state.snapshot;
      if (seen.phase !== phase || seen.epoch !== epoch || seen.cause !== cause)
        options.push(stateItem(state, options));
    }
    options.push(stateItem(state, options));
  };
  follow().catch(options.onFault);
}

/** The state of a topic as an item. */
export function stateItem(state: TopicWatch, { index, timer }: TopicFeedOptions): LoggedItem {
  const { epoch } = state.snapshot;
  const at = elapsedTimer(timer).now();
  return { ...plainItem("state", at, writeJson(stateBody(state)), index), epoch };
}

export function stateBody({ snapshot: { phase, epoch, cause } }: TopicWatch): StateBody {
  return { phase, epoch, cause: errorBody(cause) };
}
