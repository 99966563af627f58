import type { Watched } from "./freshness-watchdog.js";
import type { Shard } from "./shard.js";
import type { SubscribeOptions } from "../topic/subscription.js";
import type { Topic } from "../topic/topic.js";
import type { TopicPhase } from "../topic/topic-state.js";

/** A topic where the feed keeps it: which shard has it, and how long it may be silent. */
export class HeldTopic implements Watched {
  readonly topic: Topic<unknown>;
  readonly shard: Shard;
  staleAfterMs: number | undefined;
  escalateAfterMs: number | undefined;
  #confirmedAt = 0;

  constructor(topic: Topic<unknown>, shard: Shard) {
    this.topic = topic;
    this.shard = shard;
  }

  get phase(): TopicPhase {
    return this.topic.watch.snapshot.phase;
  }

  get heardAt(): number {
    return Math.max(this.#confirmedAt, this.topic.lastAt ?? 0);
  }

  confirmed(now: number): void {
    this.#confirmedAt = now;
  }

  /** With several subscriptions the shortest limit counts. */
  tighten({ staleAfterMs, reconnectAfterMs }: SubscribeOptions): void {
    this.staleAfterMs = shorter(this.staleAfterMs, staleAfterMs);
    this.escalateAfterMs = shorter(this.escalateAfterMs, reconnectAfterMs);
  }

  stale(): void {
    this.topic.watch.enter("stale");
  }

  escalate(silentMs: number): void {
    this.shard.link.forceReconnect(`${this.topic.name} silent for ${Math.round(silentMs)} ms`);
  }
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
