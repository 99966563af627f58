import type { LifecycleSnapshot } from "@oath-ws/contract";
import type { VirtualHost, VirtualNetwork, World } from "@oath-ws/testing";
import type { GapRecord, OrderRuntime, TopicEvent, TopicRules } from "@oath-ws/venue-kit";
import type { VenueSetup } from "./venue-plan.js";

/** What a stage is made on. */
export interface StageParts {
  readonly seed: number;
  readonly setup: VenueSetup;
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly venue: VirtualHost;
  readonly runtime: OrderRuntime;
  /** The same, with receive buffers as small as the plan says: connections lose frames there. */
  readonly narrow: OrderRuntime;
  /** Told of what an adapter could not say otherwise. */
  readonly onFault: (error: unknown) => void;
  /** Notes a named situation. */
  readonly reach: (name: string) => void;
}

/** A state that is watched: of a topic, a book, an account. */
export interface Watched {
  readonly name: string;
  readonly state: {
    readonly snapshot: { readonly phase: string; readonly epoch: number; readonly gaps: number };
  };
}

/** What is read of one topic of the venue. */
export interface Held extends Watched {
  /** The topic by the venue's name. */
  readonly topic: string;
  /** Of a book: whether it shows prices, in whatever state it is. */
  readonly best?: unknown;
}

/** A topic with a reader. */
export interface StagedTopic extends Held, AsyncIterable<TopicEvent<unknown>> {
  readonly rules: TopicRules<never> | undefined;
  readonly gaps: readonly GapRecord[];
  isFresh(maxAgeMs: number): boolean;
}

/** A book, with the venue's own. */
export interface StagedBook extends Held {
  readonly best: { readonly bid: Level; readonly ask: Level } | undefined;
  readonly state: Watched["state"] & {
    readonly snapshot: { readonly staleCount: number; readonly recoveries: number };
  };
  /** A reader of the topic that feeds it. */
  readonly source: { readonly state: { readonly snapshot: { readonly breaks: number } } };
  /** Another value after each change. */
  version(): unknown;
  /**
   * What differs from the book that the venue had at the same update; `undefined` for nothing, and
   * where that book is not known any more.
   */
  difference(): string | undefined;
  /** The same when the market stands still and nothing is on its way. */
  lastDifference(): string | undefined;
  resync(): void;
}

interface Level {
  readonly price: string;
}

/** One connection of an adapter. */
export interface StagedConnection {
  readonly lifecycle: { readonly snapshot: LifecycleSnapshot };
  readonly topics: number;
}

/** A simulator, as far as its own record of subscriptions is concerned. */
export interface VenueRecord {
  /** Where it listens for WebSockets. */
  readonly port: number;
  /** What every open connection is subscribed to now. */
  subscribed(): readonly { readonly connection: number; readonly topics: readonly string[] }[];
  /** Words with which the venue ends topics on a connection that stands, and which ones. */
  readonly endings: readonly {
    readonly text: string;
    readonly ends: (topic: string) => boolean;
  }[];
}

/** Simulators and adapters of one venue, ready to run. */
export interface Stage {
  readonly topics: readonly StagedTopic[];
  readonly books: readonly StagedBook[];
  /** States that must be live in the end, beside topics and books. */
  readonly others: readonly Watched[];
  /** Groups of topics whose adapter has these connections. */
  readonly groups: readonly {
    readonly holds: readonly Held[];
    readonly connections: () => readonly StagedConnection[];
    /** Topics that count as subscribed after a while, as the venue answers nothing. */
    readonly unanswered?: ReadonlySet<string>;
    /** Of the simulator to which they lead; absent: what is live is not compared with it. */
    readonly record?: VenueRecord;
  }[];
  /** Moves the market on. */
  step(): void;
  apply(fault: { readonly kind: string }): void;
  renew(): void;
  /** What may leave on one connection in any window; the venue counts it so. */
  readonly sendLimit: {
    readonly max: number;
    readonly windowMs: number;
    /** Of the connections that it is for, how the path begins. */
    readonly path: string;
  };
  /** Limits of the venue that clients broke; empty for none. */
  broken(): string;
  /** Called after each step of the market: what else the user does. */
  act?(): void;
  /** What is still unsettled of what the user did, and checks of what is settled. */
  check?(isEnd: boolean): void;
  /** Ends adapters and simulators, in that order. */
  readonly ends: readonly (() => Promise<void>)[];
}
