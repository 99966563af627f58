import type { WsError } from "@oath-ws/contract";
import type { Link } from "../connection/link.js";
import type { Switch, Topic } from "../topic/topic.js";

/** The connection that is to take over from another one, and what is known of it by then. */
export class Successor {
  readonly link: Link;
  /** What it refused for good. */
  readonly refused: Map<string, WsError> = new Map();
  /** When it last confirmed something. */
  #confirmedAt = Number.POSITIVE_INFINITY;

  constructor(link: Link) {
    this.link = link;
  }

  confirmed(now: number): void {
    this.#confirmedAt = now;
  }

  /**
   * Whether the old connection was heard for so long after this one was subscribed that it had
   * brought everything which was published before.
   */
  isSeamless(old: Link, overlapMs: number): boolean {
    const heardAt = old.connection?.lifecycle.lastInboundAt ?? Number.NEGATIVE_INFINITY;
    return heardAt >= this.#confirmedAt + overlapMs;
  }

  /** How it takes a topic over. */
  switchOf(topic: Topic<unknown>, old: Link, isSeamless: boolean): Switch {
    const { isUp, registry } = this.link;
    const isHeld = isUp && registry.isHeld(topic.name);
    // Not subscribed there before the old connection was last known to live: in between, something
    // may have been missed. Nothing can be of a topic that was neither confirmed nor heard.
    const isNew = topic.watch.snapshot.phase === "subscribing" && topic.heardAt === undefined;
    return {
      from: old.sessionOf(topic.name),
      to: isHeld ? this.link.sessionOf(topic.name) : undefined,
      isWhole: isHeld && (topic.hasMet || isNew || (isSeamless && topic.isHeld)),
      isUp,
    };
  }
}
