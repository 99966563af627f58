import type { Random, Timer, WsError } from "@oath-ws/contract";
import type { Link } from "../connection/link.js";
import type { LinkOptions } from "../connection/link-options.js";
import type { VenueState } from "../connection/venue-status.js";
import type { RenewalOptions } from "./renewal-options.js";
import type { OnRenewalEnd } from "./renewal-end.js";
import type { Shard } from "./shard.js";
import type { TopicLimits } from "./topic-limits.js";
import type { Topic } from "../topic/topic.js";

/** What a {@link Shard} needs. */
export interface ShardOptions {
  readonly link: LinkOptions;
  readonly timer: Timer;
  readonly random: Random;
  readonly renewal: RenewalOptions | undefined;
  readonly onRenewalEnd?: OnRenewalEnd | undefined;
  readonly limits: TopicLimits;
}

/** Who is told what happens in a {@link Shard}. */
export interface ShardOwner {
  nextEpoch(): number;
  /** A topic was confirmed, or heard after it was stale. */
  fresh(topic: Topic<unknown>): void;
  /**
   * A topic that was stale with its connection is live again with it, without having been heard
   * itself.
   */
  heard(topic: Topic<unknown>): void;
  /** The venue refused a topic for good; it has ended. */
  refused(topic: Topic<unknown>): void;
  /** The venue said on this connection in which state it is. */
  venueStatus(link: Link, state: VenueState, detail: string | undefined): void;
  /** The transport's connection ended: what the venue said on it does not count any more. */
  lost(link: Link): void;
  /** The shard is over: shut down, or failed for good. Its topics have ended. */
  ended(shard: Shard, error: WsError | undefined): void;
  fault(error: unknown): void;
}
