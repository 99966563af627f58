import type { ReconnectingConnection, WsError } from "@oath-ws/contract";
import { FreshnessWatchdog } from "../connection/freshness-watchdog.js";
import type { Watched } from "../connection/freshness-watchdog.js";
import type { Link } from "../connection/link.js";
import type { VenueOptions } from "../connection/link-options.js";
import { StatedPause } from "../connection/stated-pause.js";
import { VenueStatus } from "../connection/venue-status.js";
import type { VenueState } from "../connection/venue-status.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { VenueRuntime } from "../options/runtime.js";
import type { Topic } from "../topic/topic.js";
import { HeldTopic } from "./held-topic.js";
import { MuteWatch } from "./mute-watch.js";
import type { MuteRule } from "./mute-watch.js";
import type { RenewalOptions } from "./renewal-options.js";
import { Shard } from "./shard.js";
import type { ShardOwner } from "./shard-options.js";
import type { TopicLimits } from "./topic-limits.js";

/** What {@link FeedShards} need. */
export interface FeedShardsOptions {
  readonly runtime: Pick<VenueRuntime, "timer" | "random" | "onLinkStep" | "onRenewalEnd">;
  readonly open: () => Promise<ReconnectingConnection>;
  readonly venue: VenueOptions;
  readonly limits: TopicLimits;
  readonly renewal: RenewalOptions | undefined;
  readonly mute: MuteRule | undefined;
  readonly onFault: ((error: unknown) => void) | undefined;
}

/**
 * The topics that are held, and the connections that carry them: opened when a topic finds no room,
 * and watched for silence.
 */
export class FeedShards implements ShardOwner, Iterable<Shard> {
  readonly status: VenueStatus;
  readonly held: Map<string, HeldTopic> = new Map();
  readonly #options: FeedShardsOptions;
  readonly #elapsed: ElapsedTimer;
  readonly #loginPause: StatedPause;
  readonly #watchdog: FreshnessWatchdog<Watched>;
  readonly #mutes = new Map<Shard, MuteWatch>();
  readonly #shards = new Set<Shard>();
  /** Those that may have room for a topic. */
  readonly #roomy = new Set<Shard>();
  /** On which connection the venue said in which state it is. */
  #statusOf: Link | undefined;
  #epoch = 0;

  constructor(options: FeedShardsOptions) {
    const { timer, random } = options.runtime;
    this.#options = options;
    this.status = new VenueStatus(() => timer.now());
    this.#elapsed = elapsedTimer(timer);
    this.#loginPause = new StatedPause(timer, random);
    this.#watchdog = new FreshnessWatchdog(this.#elapsed);
  }

  [Symbol.iterator](): Iterator<Shard> {
    return this.#shards[Symbol.iterator]();
  }

  /** Finds a connection for a topic. It is asked for by {@link add}. */
  hold(topic: Topic<unknown>, rhythmMs: number | undefined): HeldTopic {
    const shard = this.#shardWithRoom(topic.name);
    const held = new HeldTopic({ topic, shard, mute: this.#muteWatchOf(shard), rhythmMs });
    this.held.set(topic.name, held);
    return held;
  }

  /** Asks the venue for a topic that is held, and watches it. */
  add(held: HeldTopic): void {
    held.shard.add(held.topic);
    this.#watchdog.add(held);
  }

  /** Its limits may have become stricter. */
  consider(held: HeldTopic): void {
    this.#watchdog.consider(held);
  }

  /** The topic is not held any more. */
  release(held: HeldTopic): void {
    // One that was refused is not held any more, and may have been subscribed again since.
    if (this.held.get(held.topic.name) !== held) return;
    this.#forget(held.topic.name);
    const { shard } = held;
    shard.remove(held.topic);
    held.topic.end();
    // One connection stays for the next subscriber.
    if (shard.topics.size === 0 && this.#hasOther(shard)) void shard.shutdown();
  }

  async shutdown(): Promise<void> {
    this.#watchdog.stop();
    await Promise.all(Array.from(this.#shards, (shard) => shard.shutdown()));
    this.status.end();
  }

  nextEpoch(): number {
    return ++this.#epoch;
  }

  fresh({ name }: Topic<unknown>): void {
    const held = this.held.get(name);
    if (held === undefined) return;
    const now = this.#elapsed.now();
    held.confirmed(now);
    this.#watchdog.consider(held);
    const mute = this.#mutes.get(held.shard);
    if (mute === undefined) return;
    mute.confirmed(now);
    this.#watchdog.consider(mute);
  }

  heard({ name }: Topic<unknown>): void {
    const held = this.held.get(name);
    if (held !== undefined) this.#watchdog.consider(held);
  }

  refused({ name }: Topic<unknown>): void {
    this.#forget(name);
  }

  venueStatus(link: Link, state: VenueState, detail: string | undefined): void {
    this.#statusOf = link;
    this.status.say(state, detail);
    // Silence may count from now on.
    for (const mute of this.#mutes.values()) this.#watchdog.consider(mute);
  }

  lost(link: Link): void {
    if (link !== this.#statusOf) return;
    this.#statusOf = undefined;
    this.status.say("unknown");
  }

  ended(shard: Shard, _error: WsError | undefined): void {
    this.#shards.delete(shard);
    this.#roomy.delete(shard);
    const watch = this.#mutes.get(shard);
    this.#mutes.delete(shard);
    if (watch !== undefined) this.#watchdog.remove(watch);
    for (const held of Array.from(this.held.values()))
      if (held.shard === shard) this.#forget(held.topic.name);
  }

  fault(error: unknown): void {
    try {
      this.#options.onFault?.(error);
    } catch {
      // A listener that throws must not end the connection that it was told about.
    }
  }

  #shardWithRoom(topic: string): Shard {
    const { maxTopicsPerConnection } = this.#options.limits;
    for (const shard of this.#roomy) {
      if (shard.hasRoom(topic)) return shard;
      // One whose topics are being unsubscribed has room again when the venue has confirmed that.
      if (!shard.isOpen || shard.topics.size >= maxTopicsPerConnection) this.#roomy.delete(shard);
    }
    const { runtime, open, venue, limits, renewal } = this.#options;
    const { timer, random, onLinkStep: onStep, onRenewalEnd } = runtime;
    const link = { open, venue, timer, random, loginPause: this.#loginPause, onStep };
    const shard = new Shard({ link, timer, random, renewal, onRenewalEnd, limits }, this);
    this.#shards.add(shard);
    this.#roomy.add(shard);
    return shard;
  }

  #muteWatchOf(shard: Shard): MuteWatch {
    const known = this.#mutes.get(shard);
    if (known !== undefined) return known;
    const watch = new MuteWatch({
      timer: this.#elapsed,
      rule: this.#options.mute,
      connection: () => shard.link,
      confirmed: () => Array.from(shard.topics.keys()).filter((name) => shard.isConfirmed(name)),
      isHalted: () => this.status.snapshot.state === "halted",
    });
    this.#mutes.set(shard, watch);
    this.#watchdog.add(watch);
    return watch;
  }

  #hasOther(shard: Shard): boolean {
    for (const other of this.#shards) if (other !== shard && other.isOpen) return true;
    return false;
  }

  #forget(name: string): void {
    const held = this.held.get(name);
    if (held === undefined) return;
    this.held.delete(name);
    this.#watchdog.remove(held);
    held.release();
    if (held.shard.isOpen) this.#roomy.add(held.shard);
  }
}
