import type { Lifecycle, LifecycleSnapshot, Timer } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "@oath-ws/resilience";
import { Subscription, TopicWatch } from "@oath-ws/venue-kit";
import type { GapReason, TopicRules } from "@oath-ws/venue-kit";
import type { RelayFeed } from "@oath-ws/relay";

/** The topic of a line that feeds its book. */
export const BOOK_TOPIC = "book feed";

/** A trade of the fake venue. */
export interface FakeTrade {
  readonly id: number;
}

const RULES: TopicRules<FakeTrade> = {
  identity: ({ id }) => id,
  range: { firstId: ({ id }) => id, lastId: ({ id }) => id },
  lines: "many",
  idsHold: true,
};

/** What a connection says of itself that has come up. */
export function connectedSnapshot(id: string): LifecycleSnapshot {
  return {
    ...INITIAL_SNAPSHOT,
    connection: { id, name: id },
    endpoint: "wss://venue:443",
    phase: "connected",
    epoch: 1,
    attempts: 1,
  };
}

/** One line to a venue: topics whose names begin with "x" have no ids. */
export class FakeFeed implements RelayFeed {
  readonly connections: readonly { readonly lifecycle: Lifecycle }[];
  snapshot: LifecycleSnapshot;
  readonly #timer: Timer;
  readonly #topics = new Map<string, { subscription: Subscription<unknown>; state: TopicWatch }>();
  readonly #seqs = new Map<string, number>();
  #epoch = 1;

  constructor(timer: Timer, id: string) {
    this.#timer = timer;
    this.snapshot = connectedSnapshot(id);
    const now = (): LifecycleSnapshot => this.snapshot;
    const lifecycle = {
      get snapshot() {
        return now();
      },
    } as Lifecycle;
    this.connections = [{ lifecycle }];
  }

  subscribe<T = unknown>(topic: string): Subscription<T> {
    const state = new TopicWatch(() => this.#timer.now());
    state.enter("live", undefined, this.#epoch);
    const subscription = new Subscription<unknown>({
      timer: this.#timer,
      topic,
      state,
      policy: { kind: "reliable" },
      rules: topic.startsWith("x") || topic === BOOK_TOPIC ? undefined : RULES,
      onClose: () => this.#topics.delete(topic),
    });
    this.#topics.set(topic, { subscription, state });
    // The caller knows what it pushes.
    return subscription as Subscription<T>;
  }

  push(topic: string, data: unknown): void {
    const held = this.#topics.get(topic);
    if (held === undefined) return;
    const seq = (this.#seqs.get(topic) ?? 0) + 1;
    this.#seqs.set(topic, seq);
    held.subscription.push({
      topic,
      data,
      epoch: this.#epoch,
      seq,
      receivedAt: this.#timer.now(),
      isCurrent: true,
      gaps: held.subscription.gapCount,
    });
  }

  gap(topic: string, reason: GapReason, fromSeq?: number, toSeq?: number): void {
    const held = this.#topics.get(topic);
    const toTime = this.#timer.now();
    held?.subscription.note({
      topic,
      epoch: this.#epoch,
      fromSeq,
      toSeq,
      fromTime: undefined,
      toTime,
      reason,
    });
  }

  /** The venue's line goes down, or comes back in a new epoch. */
  turn(isUp: boolean): void {
    if (isUp) this.#epoch++;
    this.snapshot = {
      ...this.snapshot,
      phase: isUp ? "resumed" : "reconnecting",
      epoch: this.#epoch,
      downSince: isUp ? undefined : this.#timer.now(),
    };
    for (const { state } of this.#topics.values())
      state.enter(isUp ? "live" : "recovering", undefined, this.#epoch);
  }
}
