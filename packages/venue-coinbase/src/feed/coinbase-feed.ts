import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import { Feed, firewallPasses } from "@oath-ws/venue-kit";
import type {
  BeforeSend,
  EpochContext,
  FeedConnection,
  SubscribeOptions,
  Subscription,
  TopicRules,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { JwtSigner } from "../auth/jwt-signer.js";
import { makeJwt } from "../auth/jwt.js";
import { TokenClock } from "../auth/token-clock.js";
import { unixMilliseconds } from "../market/event-time.js";
import type { Envelope } from "../market/payloads.js";
import type { ProductAliases } from "../market/product-aliases.js";
import type { RestClient } from "../rest/rest-client.js";
import { Dialect, HEARTBEATS } from "./dialect.js";
import type { MessageBudget } from "./message-budget.js";
import { channelOf, STATEFUL } from "./request.js";
import { COMMANDS, heartbeatRule, MAX_LEVEL2, MAX_TOPICS } from "./settings.js";
import type { HeartbeatOptions } from "./settings.js";

/** What a {@link CoinbaseFeed} is made of. */
export interface CoinbaseFeedParts {
  readonly runtime: VenueRuntime;
  readonly url: string;
  readonly config: PartialConfig;
  readonly gate: Gate | undefined;
  readonly tracer: Tracer | undefined;
  readonly signer: JwtSigner | undefined;
  /** Asked for the venue's time when a token is refused. */
  readonly rest: RestClient;
  readonly budget: MessageBudget;
  readonly aliases: ProductAliases;
  readonly heartbeat: HeartbeatOptions | undefined;
  /** Topics that one connection carries. Default 200. */
  readonly maxTopics?: number | undefined;
  /** Those of `level2` among them. Default 30. */
  readonly maxLevel2?: number | undefined;
  readonly onFault: (error: unknown) => void;
}

/** The kit's feed with this venue's language and limits. */
export class CoinbaseFeed {
  readonly #feed: Feed;
  readonly #parts: CoinbaseFeedParts;
  /** None without a signer. */
  readonly #tokens: TokenClock | undefined;
  /** Product ids as they were asked for, by topic. */
  readonly #askedAs = new Map<string, string>();
  /** Those of the connections that stand. */
  readonly #dialects = new Set<Dialect>();

  constructor(parts: CoinbaseFeedParts) {
    const { runtime, url, config, gate, tracer, signer, rest, budget, onFault } = parts;
    const { maxTopics = MAX_TOPICS, maxLevel2 = MAX_LEVEL2 } = parts;
    const { timer } = runtime;
    const tokens = signer && new TokenClock({ timer, rest, onFault });
    this.#parts = parts;
    this.#tokens = tokens;
    this.#feed = new Feed({
      runtime,
      settings: { config, classify: firewallPasses, gate, tracer },
      handshake: { url, protocols: [], headers: {} },
      onEpoch: (connection) => this.#begin(connection),
      beforeSend: signer && tokens && signed(signer, tokens),
      limiter: budget,
      heartbeat: heartbeatRule(parts.heartbeat),
      commands: COMMANDS,
      maxTopicsPerConnection: maxTopics,
      channelLimits: { channelOf, max: { level2: maxLevel2 } },
      onFault,
    });
  }

  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /** The topics that are held, heartbeats aside: every connection has them. */
  get topics(): readonly string[] {
    return this.#feed.topics.filter((topic) => topic !== HEARTBEATS);
  }

  /** @param product the product as it is asked for; the first one stays */
  subscribe<T extends Envelope>(
    topic: string,
    product: string | undefined,
    options: SubscribeOptions,
  ): Subscription<T> {
    // A subscriber that comes while the venue has the topic needs a beginning, too.
    const isHeld = STATEFUL.has(channelOf(topic)) && this.#holds(topic);
    if (product !== undefined && !this.#askedAs.has(topic)) this.#askedAs.set(topic, product);
    const subscription = this.#feed.subscribe<T>(topic, rulesOf(topic), options);
    if (isHeld) this.#feed.resync(topic, false);
    return subscription;
  }

  /** Has the venue send a topic's snapshot again. */
  resync(topic: string): void {
    this.#feed.resync(topic);
  }

  /** Ends all topics cleanly, and all connections. */
  shutdown(): Promise<void> {
    this.#tokens?.stop();
    return this.#feed.shutdown();
  }

  #begin(connection: EpochContext): Dialect {
    const { aliases, onFault } = this.#parts;
    const dialect: Dialect = new Dialect({
      connection,
      aliases,
      askedAs: (topic) => this.#askedAs.get(topic) ?? topic.slice(topic.indexOf(":") + 1),
      tokens: this.#tokens,
      fault: onFault,
      onEnded: () => this.#dialects.delete(dialect),
    });
    this.#dialects.add(dialect);
    return dialect;
  }

  /** Whether the topic is held, or the venue still sends it. */
  #holds(topic: string): boolean {
    const isStill = Array.from(this.#dialects).some((one) => one.holds(topic));
    return isStill || this.#feed.topics.includes(topic);
  }
}

/** Each message gets a token of its own when it leaves, since one is good for two minutes only. */
function signed(signer: JwtSigner, tokens: TokenClock): BeforeSend {
  return async (message) => {
    const jwt = await makeJwt(signer, await tokens.now());
    return `${message.slice(0, -1)},"jwt":${JSON.stringify(jwt)}}`;
  };
}

/** No topic has numbers of its own without holes; the connection's are looked at by the dialect. */
const MARKET_RULES: TopicRules<Envelope> = {
  identity: ({ timestamp, sequence_num }) => `${timestamp} ${sequence_num}`,
  range: undefined,
  timeMs: ({ timestamp }) => unixMilliseconds(timestamp),
  lines: "many",
};

/** The venue recommends one connection for each user (C-20). */
const USER_RULES: TopicRules<Envelope> = { ...MARKET_RULES, lines: "one" };

function rulesOf(topic: string): TopicRules<Envelope> {
  return channelOf(topic) === "user" ? USER_RULES : MARKET_RULES;
}
