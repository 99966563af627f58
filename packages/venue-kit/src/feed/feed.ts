import type { ConfigIssue, Handshake, Lifecycle, ReconnectingConnector } from "@oath-ws/contract";
import { ConfigError, WsError } from "@oath-ws/contract";
import { FreshnessWatchdog } from "./freshness-watchdog.js";
import type { Watched } from "./freshness-watchdog.js";
import type { Grammar } from "../connection/grammar.js";
import { HeldTopic } from "./held-topic.js";
import type { LinkOptions } from "../connection/link-options.js";
import { MuteWatch } from "./mute-watch.js";
import type { MuteRule } from "./mute-watch.js";
import { numberIssues } from "../options/number-issues.js";
import type { ConnectorSettings, VenueRuntime } from "../options/runtime.js";
import type { RenewalOptions } from "./renewal-options.js";
import { Shard } from "./shard.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { StatedPause } from "../connection/stated-pause.js";
import type { SubscribeOptions, Subscription } from "../topic/subscription.js";
import { Topic } from "../topic/topic.js";
import type { TopicRules } from "../topic/topic-rules.js";
import { policyIssues } from "../topic/topic-stream.js";

/** What a {@link Feed} is made of; an adapter fills it in with its venue's grammar and limits. */
export interface FeedOptions {
  readonly runtime: VenueRuntime;
  /** The venue's limits, as settings of the resilience stack. */
  readonly settings: ConnectorSettings;
  readonly handshake: Handshake;
  readonly grammar: Grammar;
  /** See {@link LinkOptions}. */
  readonly awaitsGreeting?: LinkOptions["awaitsGreeting"];
  readonly login?: LinkOptions["login"];
  readonly needsLogin?: LinkOptions["needsLogin"];
  readonly keepalive?: LinkOptions["keepalive"];
  readonly commands: LinkOptions["commands"];
  /** Topics that one connection carries; more are spread over further ones. */
  readonly maxTopicsPerConnection: number;
  /** When connections are replaced before the venue ends them. Default: never. */
  readonly renewal?: RenewalOptions | undefined;
  /**
   * When a connection that answers pings and brings nothing is made anew. Default: when all topics
   * on it that have a rhythm, or a `reconnectAfterMs`, are silent for longer.
   */
  readonly mute?: MuteRule | undefined;
  /**
   * Told of what a topic's state does not tell, or not for long: what could not be read, commands
   * that the grammar has no words for, renewals that were given up, keepalives that failed. What it
   * throws is ignored. Default: nobody is told.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** One of a feed's connections. */
export interface FeedConnection {
  readonly lifecycle: Lifecycle;
  /** Topics it carries. */
  readonly topics: number;
}

const RHYTHM_RULES = { rhythmMs: { min: 1 } };
const WATCH_RULES = { staleAfterMs: { min: 1 }, reconnectAfterMs: { min: 1 } };

/**
 * Topics of one venue over as many connections as they need. Connections are opened when topics ask
 * for them; every new epoch restores what is wanted then, and nothing else.
 */
export class Feed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #connector: ReconnectingConnector;
  readonly #elapsed: ElapsedTimer;
  readonly #loginPause: StatedPause;
  readonly #watchdog: FreshnessWatchdog<Watched>;
  readonly #mutes = new Map<Shard, MuteWatch>();
  readonly #held = new Map<string, HeldTopic>();
  readonly #shards = new Set<Shard>();
  /** Those that may have room for a topic. */
  readonly #roomy = new Set<Shard>();
  #epoch = 0;
  #closed = false;

  /** @throws ConfigError when the settings cannot work */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#connector = options.runtime.build(options.settings);
    this.#elapsed = elapsedTimer(options.runtime.timer);
    this.#loginPause = new StatedPause(options.runtime.timer, options.runtime.random);
    this.#watchdog = new FreshnessWatchdog(this.#elapsed);
  }

  /** The connections that are there now; a renewal's second one included. */
  get connections(): readonly FeedConnection[] {
    return Array.from(this.#shards).flatMap((shard) =>
      shard.links.flatMap(({ connection }) =>
        connection === undefined
          ? []
          : [{ lifecycle: connection.lifecycle, topics: shard.topics.size }],
      ),
    );
  }

  /** The names of the topics that somebody holds. */
  get topics(): readonly string[] {
    return Array.from(this.#held.keys());
  }

  /**
   * Holds a topic. All who hold the same one share a subscription at the venue, and must give the
   * same rules.
   *
   * @throws ConfigError for limits that cannot work; WsError `SHUT_DOWN` after {@link shutdown}
   */
  subscribe<T>(
    name: string,
    rules: TopicRules<T>,
    options: SubscribeOptions = {},
  ): Subscription<T> {
    const issues = [
      ...watchIssues(options),
      ...numberIssues({ ...rules }, RHYTHM_RULES),
      ...(options.policy === undefined ? [] : policyIssues(options.policy)),
    ];
    if (issues.length > 0) throw new ConfigError(issues);
    if (this.#closed)
      throw new WsError({ kind: "client", code: "SHUT_DOWN", message: "the feed was shut down" });
    const known = this.#held.get(name);
    const held = known ?? this.#hold(name, rules);
    const subscription = (held.topic as Topic<T>).subscribe(options);
    held.tighten(options);
    if (known === undefined) {
      held.shard.add(held.topic);
      this.#watchdog.add(held);
    } else {
      this.#watchdog.consider(held);
    }
    return subscription;
  }

  /**
   * Asks the venue something on every connection that is up, and gives the answers. Rejects with
   * the first `WsError`: `NOT_CONNECTED`, refused, unanswered in time, or the connection ended.
   */
  query(encode: (id: number) => string): Promise<readonly unknown[]> {
    return Promise.all(Array.from(this.#shards, (shard) => shard.link.query(encode)));
  }

  /**
   * Replaces every connection by a new one, without a break; for a venue that announces an end by
   * other ways than its connections.
   */
  renew(): void {
    for (const shard of this.#shards) shard.renew();
  }

  /** Ends all topics cleanly and all connections; bounded, idempotent. */
  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#watchdog.stop();
    await Promise.all(Array.from(this.#shards, (shard) => shard.shutdown()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #hold<T>(name: string, rules: TopicRules<T>): HeldTopic {
    const { timer } = this.#options.runtime;
    const topic = new Topic<T>({
      name,
      rules,
      timer,
      onAbandoned: () => this.#release(held),
    });
    // A topic's own type is known to whoever subscribed it and to its rules; in here nobody looks
    // into the data.
    const shard = this.#shardWithRoom();
    const held = new HeldTopic({
      topic: topic as unknown as Topic<unknown>,
      shard,
      mute: this.#muteWatchOf(shard),
      rhythmMs: rules.rhythmMs,
    });
    this.#held.set(name, held);
    return held;
  }

  #shardWithRoom(): Shard {
    const { maxTopicsPerConnection } = this.#options;
    for (const shard of this.#roomy) {
      if (shard.isOpen && shard.size < maxTopicsPerConnection) return shard;
      // One whose topics are being unsubscribed has room again when the venue has confirmed that.
      if (!shard.isOpen || shard.topics.size >= maxTopicsPerConnection) this.#roomy.delete(shard);
    }
    const {
      runtime,
      grammar,
      awaitsGreeting,
      login,
      needsLogin,
      keepalive,
      commands,
      handshake,
      renewal,
    } = this.#options;
    const shard = new Shard({
      link: {
        open: () => this.#connector.connect(handshake, { awaitFirst: false }),
        grammar,
        awaitsGreeting,
        login,
        needsLogin,
        loginPause: this.#loginPause,
        keepalive,
        timer: runtime.timer,
        random: runtime.random,
        commands,
      },
      timer: runtime.timer,
      random: runtime.random,
      renewal,
      nextEpoch: () => ++this.#epoch,
      onFresh: (topic) => this.#fresh(topic.name),
      onHeard: (topic) => this.#heard(topic.name),
      onRefused: (topic) => this.#forget(topic.name),
      onEnded: (ended) => {
        this.#shards.delete(ended);
        this.#roomy.delete(ended);
        const watch = this.#mutes.get(ended);
        this.#mutes.delete(ended);
        if (watch !== undefined) this.#watchdog.remove(watch);
        for (const held of Array.from(this.#held.values()))
          if (held.shard === ended) this.#forget(held.topic.name);
      },
      onFault: (error) => this.#fault(error),
    });
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
    });
    this.#mutes.set(shard, watch);
    this.#watchdog.add(watch);
    return watch;
  }

  #fresh(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    const now = this.#elapsed.now();
    held.confirmed(now);
    this.#watchdog.consider(held);
    const mute = this.#mutes.get(held.shard);
    if (mute === undefined) return;
    mute.confirmed(now);
    this.#watchdog.consider(mute);
  }

  #heard(name: string): void {
    const held = this.#held.get(name);
    if (held !== undefined) this.#watchdog.consider(held);
  }

  #fault(error: unknown): void {
    try {
      this.#options.onFault?.(error);
    } catch {
      // A listener that throws must not end the connection that it was told about.
    }
  }

  /** Nobody holds the topic any more. */
  #release(held: HeldTopic): void {
    // One that was refused is not held any more, and may have been subscribed anew since.
    if (this.#held.get(held.topic.name) !== held) return;
    this.#forget(held.topic.name);
    const { shard } = held;
    shard.remove(held.topic);
    held.topic.end();
    // One connection stays for whoever comes next.
    if (shard.topics.size === 0 && this.#hasOther(shard)) void shard.shutdown();
  }

  #hasOther(shard: Shard): boolean {
    for (const other of this.#shards) if (other !== shard && other.isOpen) return true;
    return false;
  }

  #forget(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#watchdog.remove(held);
    held.release();
    if (held.shard.isOpen) this.#roomy.add(held.shard);
  }
}

function watchIssues(options: SubscribeOptions): ConfigIssue[] {
  const issues = numberIssues({ ...options }, WATCH_RULES);
  const { staleAfterMs, reconnectAfterMs } = options;
  if (
    reconnectAfterMs !== undefined &&
    !(reconnectAfterMs > (staleAfterMs ?? Number.POSITIVE_INFINITY))
  ) {
    issues.push({
      path: "reconnectAfterMs",
      message: "must be greater than staleAfterMs, which has to be given too",
    });
  }
  return issues;
}
