import type { ConfigIssue, Handshake, Lifecycle, ReconnectingConnector } from "@oath-ws/contract";
import { ConfigError, urlOrigin, WsError } from "@oath-ws/contract";
import type { CallOutcome, CallContext } from "../connection/call-outcome.js";
import { notConnected } from "../connection/epoch-sessions.js";
import type { Words } from "../connection/grammar.js";
import type { VenueOptions } from "../connection/link-options.js";
import type { VenueStatus } from "../connection/venue-status.js";
import { FeedShards } from "./feed-shards.js";
import type { HeldTopic } from "./held-topic.js";
import type { MuteRule } from "./mute-watch.js";
import { numberIssues } from "../options/number-issues.js";
import { duration } from "../options/option-rules.js";
import type { ConnectorSettings, VenueRuntime } from "../options/runtime.js";
import type { RenewalOptions } from "./renewal-options.js";
import type { TopicLimits } from "./topic-limits.js";
import type { SubscribeOptions, Subscription } from "../topic/subscription.js";
import type { Announce } from "../topic/observed-reader.js";
import { Topic } from "../topic/topic.js";
import type { TopicRules } from "../topic/topic-rules.js";
import { policyIssues } from "../topic/topic-stream.js";

/**
 * What a {@link Feed} is made of; an adapter fills it in with its venue's grammar and limits.
 * Either `grammar` is there, or what `onEpoch` gives has one.
 */
export interface FeedOptions extends VenueOptions, TopicLimits {
  readonly runtime: VenueRuntime;
  /** The venue's limits, as settings of the resilience stack. */
  readonly settings: ConnectorSettings;
  readonly handshake: Handshake;
  /** When connections are replaced before the venue ends them. Default: never. */
  readonly renewal?: RenewalOptions | undefined;
  /**
   * When a connection that answers pings and brings nothing is replaced. Default: when all topics
   * on it that have a rhythm, or a `reconnectAfterMs`, are silent for longer.
   */
  readonly mute?: MuteRule | undefined;
  /**
   * Told of what a topic's state does not tell, or not for long: what could not be read, commands
   * that the grammar has no words for, renewals that were given up, keepalives that failed. What it
   * throws is ignored. Default: no listener.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** One of a feed's connections. */
export interface FeedConnection {
  readonly lifecycle: Lifecycle;
  /** Topics it carries. */
  readonly topics: number;
}

/**
 * Topics of one venue over as many connections as they need. Connections are opened when topics ask
 * for them; every new epoch restores what is wanted then, and nothing else.
 */
export class Feed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #shards: FeedShards;
  #closed = false;

  /** @throws ConfigError when the settings cannot work */
  constructor(options: FeedOptions) {
    const { runtime, settings, handshake, renewal, mute, onFault } = options;
    checkHooks(options);
    const connector: ReconnectingConnector = runtime.build(settings);
    this.#options = options;
    this.#shards = new FeedShards({
      runtime,
      open: () => connector.connect(handshake, { awaitFirst: false }),
      venue: options,
      limits: options,
      renewal,
      mute,
      onFault,
    });
  }

  /** In which state the venue says to be, where its grammar tells. */
  get venueStatus(): VenueStatus {
    return this.#shards.status;
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

  /** The names of the topics that are held. */
  get topics(): readonly string[] {
    return Array.from(this.#shards.held.keys());
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
      ...duration(rules.rhythmMs, "rhythmMs"),
      ...(options.policy === undefined ? [] : policyIssues(options.policy)),
    ];
    if (issues.length > 0) throw new ConfigError(issues);
    if (this.#closed)
      throw new WsError({ kind: "client", code: "SHUT_DOWN", message: "the feed was shut down" });
    const known = this.#shards.held.get(name);
    const held = known ?? this.#hold(name, rules);
    const subscription = (held.topic as Topic<T>).subscribe(options);
    held.tighten(options);
    if (known === undefined) this.#shards.add(held);
    else this.#shards.consider(held);
    return subscription;
  }

  /**
   * Asks for a topic's snapshot again, like {@link Inbox.resync}: for an adapter that notices
   * outside of its grammar that what it keeps is wrong. Ignored for a topic that is not held.
   *
   * @param isDoubted `false` when it is only for another reader, who needs a beginning: the topic
   *   is `stale` meanwhile, not `recovering`, since what others know of it is still right
   */
  resync(name: string, isDoubted?: boolean): void {
    this.#shards.held.get(name)?.shard.link.resync(name, isDoubted);
  }

  /**
   * Asks the venue something on every connection that is up, and gives the answers. Rejects with
   * the first `WsError`: `NOT_CONNECTED`, refused, unanswered in time, or the connection ended.
   */
  query(encode: (id: number) => Words): Promise<readonly unknown[]> {
    return Promise.all(Array.from(this.#shards, (shard) => shard.link.query(encode)));
  }

  /**
   * Sends a request once, over a connection that is up, and tells what became of it. During a
   * renewal that is the one which carries the topics. It is never sent again.
   *
   * @param encode the text of the request with the id that its answer will bear
   * @param context bounds the wait; without it the feed's `answerTimeoutMs` does
   */
  call(encode: (id: number) => Words, context?: CallContext): Promise<CallOutcome<unknown>> {
    for (const { links } of this.#shards) {
      const link = links.find(({ takesCalls }) => takesCalls);
      if (link !== undefined) return link.call(encode, context);
    }
    return Promise.resolve({ kind: "didNotLeave", error: notConnected() });
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
    await this.#shards.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #hold<T>(name: string, rules: TopicRules<T>): HeldTopic {
    const { runtime, handshake } = this.#options;
    const { timer, observe } = runtime;
    const announce: Announce | undefined =
      observe && ((observed) => observe({ ...observed, endpoint: urlOrigin(handshake.url) }));
    const onAbandoned = (): void => this.#shards.release(held);
    const topic = new Topic<T>({ name, rules, timer, announce, onAbandoned });
    // A topic's own type is known to its subscriber and to its rules; the code in here never looks
    // into the data.
    const held = this.#shards.hold(topic as unknown as Topic<unknown>, rules.rhythmMs);
    return held;
  }
}

const HEARTBEAT_RULES = {
  staleAfterMs: { min: 1 },
  deadAfterMs: { min: 1 },
  maxDeadAfterMs: { min: 1 },
  calmMs: { min: 0 },
  idleAfterMs: { min: 1 },
};

function checkHooks(options: FeedOptions): void {
  const { grammar, onEpoch, heartbeat, signTimeoutMs } = options;
  const issues = [...duration(signTimeoutMs, "signTimeoutMs")];
  if (grammar === undefined && onEpoch === undefined)
    issues.push({ path: "grammar", message: "is required where onEpoch is absent" });
  if (heartbeat !== undefined) {
    issues.push(...numberIssues({ ...heartbeat }, HEARTBEAT_RULES, "heartbeat."));
    if (!(heartbeat.deadAfterMs > heartbeat.staleAfterMs))
      issues.push({ path: "heartbeat.deadAfterMs", message: "must be greater than staleAfterMs" });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}

function watchIssues(options: SubscribeOptions): ConfigIssue[] {
  const { staleAfterMs, reconnectAfterMs } = options;
  const issues = [
    ...duration(staleAfterMs, "staleAfterMs"),
    ...duration(reconnectAfterMs, "reconnectAfterMs"),
  ];
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
