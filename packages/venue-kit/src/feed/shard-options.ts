import type { Random, Timer, WsError } from "@oath-ws/contract";
import type { LinkOptions } from "../connection/link-options.js";
import type { RenewalOptions } from "./renewal-options.js";
import type { Shard } from "./shard.js";
import type { Topic } from "../topic/topic.js";

/** What a {@link Shard} needs. */
export interface ShardOptions {
  readonly link: LinkOptions;
  readonly timer: Timer;
  readonly random: Random;
  readonly renewal: RenewalOptions | undefined;
  readonly nextEpoch: () => number;
  /** A topic was confirmed, or heard after it was stale. */
  readonly onFresh: (topic: Topic<unknown>) => void;
  /**
   * A topic that was stale with its connection is live again with it, without having been heard
   * itself.
   */
  readonly onHeard: (topic: Topic<unknown>) => void;
  /** The venue refused a topic for good; it has ended. */
  readonly onRefused: (topic: Topic<unknown>) => void;
  /** The shard is over: shut down, or failed for good. Its topics have ended. */
  readonly onEnded: (shard: Shard, error: WsError | undefined) => void;
  readonly onFault: (error: unknown) => void;
}
