import type { Watched } from "../connection/freshness-watchdog.js";
import type { MuteWatch, RhythmicTopic } from "./mute-watch.js";
import type { Shard } from "./shard.js";
import type { SubscribeOptions } from "../topic/subscription.js";
import type { Topic } from "../topic/topic.js";
import type { TopicPhase } from "../topic/topic-state.js";

/** Two beats that are missed may be chance; so many times its rhythm is silence. */
const MUTE_AFTER_RHYTHMS = 2;

/** Where a topic is held. */
export interface HeldTopicParts {
  readonly topic: Topic<unknown>;
  readonly shard: Shard;
  readonly mute: MuteWatch;
  /** See `TopicRules`. */
  readonly rhythmMs: number | undefined;
}

/** A topic where the feed keeps it: which shard has it, and how long it may be silent. */
export class HeldTopic implements Watched, RhythmicTopic {
  readonly topic: Topic<unknown>;
  readonly shard: Shard;
  staleAfterMs: number | undefined;
  escalateAfterMs: number | undefined;
  readonly #mute: MuteWatch;
  readonly #rhythmMs: number | undefined;
  #confirmedAt = Number.NEGATIVE_INFINITY;

  constructor({ topic, shard, mute, rhythmMs }: HeldTopicParts) {
    this.topic = topic;
    this.shard = shard;
    this.#mute = mute;
    this.#rhythmMs = rhythmMs;
    mute.add(this);
  }

  get name(): string {
    return this.topic.name;
  }

  get phase(): TopicPhase {
    return this.topic.watch.snapshot.phase;
  }

  get heardAt(): number {
    return Math.max(this.#confirmedAt, this.topic.heardAt ?? Number.NEGATIVE_INFINITY);
  }

  get eventAt(): number | undefined {
    return this.topic.heardAt;
  }

  /** @param now in elapsed milliseconds */
  confirmed(now: number): void {
    this.#confirmedAt = now;
  }

  /** With several subscriptions the shortest limit counts; the topic's rhythm gives the default. */
  tighten({ staleAfterMs, reconnectAfterMs }: SubscribeOptions): void {
    const rhythmMs = this.#rhythmMs;
    const muteAfterMs = rhythmMs === undefined ? undefined : MUTE_AFTER_RHYTHMS * rhythmMs;
    this.staleAfterMs = shorter(this.staleAfterMs, staleAfterMs ?? rhythmMs);
    this.escalateAfterMs = shorter(this.escalateAfterMs, reconnectAfterMs ?? muteAfterMs);
  }

  stale(): void {
    this.topic.watch.enter("stale");
    this.shard.link.epochs.stale(this.name);
  }

  escalate(silentMs: number): void {
    this.#mute.silent(this, silentMs);
  }

  /** It is not held any more. */
  release(): void {
    this.#mute.remove(this);
  }
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
