import type { Refusal, VenueControls, VenueCounts } from "@oath-ws/testing/venue";

/** The topic that is looked at, as its simulator makes it. */
export interface PublishedTopic {
  /** Its name in the simulator's subscriptions. */
  readonly name: string;
  /** Another one that the feed holds besides; `undefined` where there is none. */
  readonly another?: string;
  /** The number of the last item so far; 0 before the first. */
  lastItem(): number;
  /** Publishes something now: after enough of it there are more items. */
  publishSome(): void;
  /** See {@link VenueControls.flood}. */
  flood(): void;
}

/** What a connection has subscribed. */
export interface Held {
  readonly connection: number;
  readonly topics: readonly string[];
}

/** What differs between simulators. */
export interface SimulatorParts {
  readonly topic: PublishedTopic;
  /** Gives the connections that it hit. */
  strike(fault: "reset" | "half-open" | "mute"): readonly number[];
  revoke(): void;
  refuse(options: {
    readonly count: number;
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
  }): void;
  subscriptions(): readonly Held[];
  counts(): Omit<VenueCounts, "held" | "holdsCancelled">;
}

/** The controls of a simulator; the first upgrades may be refused from the start. */
export function venueControls(parts: SimulatorParts, refusal: Refusal | undefined): VenueControls {
  const { topic } = parts;
  /** Connections that fell silent for good: they stay open, and have nothing to say any more. */
  const silent = new Set<number>();
  const held = (name: string | undefined): number =>
    parts.subscriptions().filter(({ connection, topics }) => {
      return name !== undefined && !silent.has(connection) && topics.includes(name);
    }).length;
  const controls: VenueControls = {
    publish: (count) => {
      const last = topic.lastItem() + count;
      while (topic.lastItem() < last) topic.publishSome();
      return topic.lastItem();
    },
    flood: () => {
      topic.flood();
      return topic.lastItem();
    },
    strike: (fault) => {
      const hit = parts.strike(fault);
      if (fault === "half-open") for (const connection of hit) silent.add(connection);
    },
    revoke: () => parts.revoke(),
    refuse: ({ count, status, retryAfterSeconds }) => {
      const headers =
        retryAfterSeconds === undefined
          ? {}
          : { headers: { "Retry-After": String(retryAfterSeconds) } };
      parts.refuse({ count, status, ...headers });
    },
    counts: () => ({
      ...parts.counts(),
      held: held(topic.name),
      holdsCancelled: held(topic.another) > 0,
    }),
  };
  if (refusal !== undefined) controls.refuse(refusal);
  return controls;
}
