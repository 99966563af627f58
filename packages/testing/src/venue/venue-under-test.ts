import type { PartialConfig } from "@oath-ws/resilience";
import type { GapRecord, TopicEvent, TopicSnapshot, VenueRuntime } from "@oath-ws/venue-kit";
import type { World } from "../world.js";
import type { PropertyId } from "./properties/property.js";

/** A venue: its adapter's feeds, each with a simulator. A driver makes one. */
export interface VenueUnderTest {
  readonly name: string;
  readonly feeds: readonly FeedUnderTest[];
}

/** One kind of feed of a venue, such as its market data or an account's stream. */
export interface FeedUnderTest {
  readonly name: string;
  /**
   * Properties that mean nothing for this feed, each with the reason, which the table shows.
   * Whatever is not here is run, and has to hold.
   */
  readonly notApplicable: Readonly<Partial<Record<PropertyId, string>>>;
  /** Starts a venue of its own and opens the feed, which dials at once. */
  open(options: StageOptions): Promise<Stage>;
}

/** How a feed is opened. */
export interface StageOptions {
  /**
   * Makes the runtime for the adapter, out of the platform's (`nodeRuntime` of `oath-ws`, or that
   * of a `VirtualVenue`). It is looked at afterwards for what was left behind. Call it once.
   */
  readonly observe: <R extends VenueRuntime>(platform: R) => R;
  /** Laid over the adapter's settings; with `venueLimits: "real"` nothing is. */
  readonly config: PartialConfig;
  /**
   * Silence is to be looked at: what makes the topic stale, and has its connection replaced. A
   * feed that notices it by its defaults keeps those; see {@link Stage.mute}.
   */
  readonly silence?: { readonly staleAfterMs: number; readonly reconnectAfterMs: number };
  /** Events of the topic that may wait for their reader. Default: many. */
  readonly maxUnread?: number;
  /**
   * - `none`: the venue limits nothing, and the adapter's own limits are wide, so that a test of
   *   something else need not wait
   * - `real`: the venue's documented limits, the adapter's defaults, and as many topics besides as
   *   make a client run into limits
   */
  readonly venueLimits: "none" | "real";
  /**
   * The venue's next so many upgrades are refused with this status, from the first on. Default:
   * none.
   */
  readonly refuse?: Refusal;
}

/** How upgrades are refused. */
export interface Refusal {
  readonly count: number;
  readonly status: number;
  readonly retryAfterSeconds?: number;
}

/** A feed under way, with its venue. */
export interface Stage {
  /**
   * The world that the stage lives in: the suite lets its time pass. Absent: real time.
   */
  readonly world?: World;
  /**
   * The silence of a mute connection, in milliseconds, after which the adapter tells it and after
   * which it makes the connection again, by its defaults. Absent: the stage has set
   * {@link StageOptions.silence} instead.
   */
  readonly mute?: { readonly staleAfterMs: number; readonly remadeAfterMs: number };
  readonly topic: TopicUnderTest;
  readonly venue: VenueControls;
  /**
   * Has the feed's connections replaced as before the venue's limit of their age; absent where
   * there is no such limit.
   */
  readonly renew?: () => void;
  /**
   * Gives up a topic that the stage holds besides, and resolves when the venue has dropped it;
   * absent where a feed has one topic only.
   */
  readonly cancelAnother?: () => Promise<void>;
  /** The adapter's own. */
  shutdown(): Promise<void>;
  /** Ends the venue; never fails. */
  close(): Promise<void>;
}

/**
 * The topic that is looked at. Its events carry items that the venue numbers from 1 without holes.
 */
export interface TopicUnderTest {
  readonly state: { readonly snapshot: TopicSnapshot };
  take(): TopicEvent<unknown> | undefined;
  readable(): Promise<boolean>;
  /** The latest gap records. */
  gaps(): readonly GapRecord[];
  /**
   * The items of an event, in order; `whole`: it has all items there are, and nothing before it
   * matters. `undefined`: it carries none.
   */
  read(data: unknown): { readonly items: readonly number[]; readonly whole: boolean } | undefined;
  /** Whether gap records name the items that are missing. */
  readonly namesMissing: boolean;
}

/** What can be done to a simulated venue, and what it has seen. */
export interface VenueControls {
  /** Publishes at least so many items now, and gives the number of the last one so far. */
  publish(count: number): number;
  /**
   * Publishes so much in one go that a receive buffer of {@link SMALL_BUFFER} frames cannot hold
   * it.
   */
  flood(): number;
  /**
   * - `reset`: every connection is cut
   * - `half-open`: every connection falls silent and deaf, pongs included, and stays open
   * - `mute`: every connection goes on answering pings, and says nothing else
   */
  strike(fault: "reset" | "half-open" | "mute"): void;
  /** From the next login on the credentials are no good. */
  revoke(): void;
  refuse(refusal: Refusal): void;
  counts(): VenueCounts;
}

/** What a simulated venue has seen so far. */
export interface VenueCounts {
  /**
   * Attempts to connect, with their time in milliseconds: real ones, or those of the stage's world.
   * The status is the upgrade's, 101 for one that succeeded.
   */
  readonly attempts: readonly { readonly atMs: number; readonly status: number }[];
  /** Connections that are open now, half-open ones included. */
  readonly open: number;
  /** On how many open connections the topic is subscribed now. */
  readonly held: number;
  /** Whether anything is subscribed that was given up. */
  readonly holdsCancelled: boolean;
  /** Times a client broke one of the venue's limits. */
  readonly violations: number;
  /** Messages that were handed to sockets. */
  readonly framesSent: number;
  /** Requests that were refused for their credentials. */
  readonly authRefusals: number;
}

/** Frames of the receive buffer where losses are wanted. */
export const SMALL_BUFFER = 20;
