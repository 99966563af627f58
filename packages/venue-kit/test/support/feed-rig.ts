import type {
  Subscription,
  TopicRules,
  RenewalOptions,
  FeedOptions,
  SubscribeOptions,
} from "@oath-ws/venue-kit";
import { Feed } from "@oath-ws/venue-kit";
import type { PartialConfig } from "@oath-ws/resilience";
import { createWorld, MockConnector } from "@oath-ws/testing";
import type { MockConnectorOptions, World } from "@oath-ws/testing";
import { virtualRuntime } from "@oath-ws/testing/venue";
import { expect } from "vitest";
import { COUNTED, GRAMMAR, ToyVenue } from "./toy-venue.js";
import type { Tick } from "./toy-venue.js";

export const RENEWAL: RenewalOptions = {
  afterMs: 600_000,
  timeoutMs: 30_000,
  quietMs: 5_000,
  overlapMs: 2_000,
  retryMs: 60_000,
};

/** Commands as small as makes batches and bounds visible. */
export const COMMANDS: FeedOptions["commands"] = {
  maxTopics: 3,
  maxInFlight: 2,
  answerTimeoutMs: 5_000,
  maxUnanswered: 3,
};

export interface FeedRigOptions
  extends Partial<Omit<FeedOptions, "runtime" | "settings" | "handshake">> {
  readonly seed?: number;
  readonly config?: PartialConfig;
  readonly mock?: MockConnectorOptions;
}

/** A feed over the real stack, a mock leaf and a toy venue, in a world of its own. */
export class FeedRig {
  readonly world: World;
  readonly leaf: MockConnector;
  readonly venue: ToyVenue;
  readonly feed: Feed;
  readonly faults: unknown[] = [];

  constructor(options: FeedRigOptions = {}) {
    const { seed, config, mock, ...feed } = options;
    this.world = createWorld({ seed, shuffleTurns: seed !== undefined });
    this.venue = new ToyVenue(this.world);
    this.leaf = new MockConnector(this.world, { otherwise: () => this.venue.answer(), ...mock });
    this.feed = new Feed({
      runtime: virtualRuntime({ world: this.world, leaf: this.leaf }),
      settings: { config },
      handshake: { url: "wss://venue.example/feed", protocols: [], headers: {} },
      grammar: GRAMMAR,
      commands: COMMANDS,
      maxTopicsPerConnection: 100,
      onFault: (error) => this.faults.push(error),
      ...feed,
    });
  }

  subscribe(
    name: string,
    rules: TopicRules<Tick> = COUNTED,
    options?: SubscribeOptions,
  ): Subscription<Tick> {
    return this.feed.subscribe(name, rules, options);
  }

  /** Subscribes and waits until all are live. */
  async live(...names: readonly string[]): Promise<Subscription<Tick>[]> {
    const subscriptions = names.map((name) => this.subscribe(name));
    await this.until("live", ...subscriptions);
    return subscriptions;
  }

  /** Lets time pass until all are in this phase. */
  until(phase: string, ...subscriptions: readonly Subscription<Tick>[]): Promise<void> {
    return this.world.runUntil(() =>
      subscriptions.every(({ state }) => state.snapshot.phase === phase),
    );
  }

  /** Publishes every 100 ms for so long. */
  async publishFor(ms: number, ...topics: readonly string[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.venue.publish(...topics);
      await this.world.run(100);
    }
  }

  /** Shuts the feed down, and looks for what it left behind. */
  async end(): Promise<void> {
    await this.world.complete(this.feed.shutdown());
    this.expectNothingLeft();
  }

  expectNothingLeft(): void {
    expect({
      timers: this.world.timer.pendingCount,
      tasks: this.world.spawn.liveCount,
      sockets: this.leaf.openSockets,
      topics: this.feed.topics,
      connections: this.feed.connections.length,
    }).toEqual({ timers: 0, tasks: 0, sockets: 0, topics: [], connections: 0 });
  }
}

/** The ids of everything that waits in a subscription. */
export function ids(subscription: Subscription<Tick>): number[] {
  const found: number[] = [];
  for (let event = subscription.take(); event !== undefined; event = subscription.take())
    found.push(event.data.n);
  return found;
}

/** The numbers from `first` to `last`. */
export function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
