import type {
  Handshake,
  ReconnectingConnection,
  ReconnectingConnector,
  Tracer,
} from "@oath-ws/contract";
import { waitClock } from "@oath-ws/resilience";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import { elapsedTimer, Feed, firewallPasses, RhythmWatch } from "@oath-ws/venue-kit";
import type { ElapsedTimer } from "@oath-ws/venue-kit";
import type {
  FeedConnection,
  SubscribeOptions,
  Subscription,
  TopicRules,
  TopicWatch,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { JwtSigner } from "../auth/jwt-signer.js";
import { unixMilliseconds } from "../market/event-time.js";
import type { Envelope } from "../market/payloads.js";
import type { ProductAliases } from "../market/product-aliases.js";
import { Dialect, HEARTBEATS } from "./dialect.js";
import { HeartbeatLogin } from "./heartbeat-login.js";
import type { MessageBudget } from "./message-budget.js";
import { RepeatingSource } from "./repeating-source.js";
import { channelOf, STATEFUL } from "./request.js";
import type { VenueRequest } from "./request.js";
import { Resync } from "./resync.js";
import { COMMANDS, HEARTBEAT_DEAD_MS, HEARTBEAT_PATIENCE, HEARTBEAT_STALE_MS } from "./settings.js";
import type { HeartbeatOptions } from "./settings.js";
import { Voice } from "./voice.js";

/** What a {@link Lane} is made of. */
export interface LaneOptions {
  readonly runtime: VenueRuntime;
  readonly url: string;
  readonly config: PartialConfig;
  readonly gate: Gate | undefined;
  readonly tracer: Tracer | undefined;
  readonly signer: JwtSigner | undefined;
  readonly budget: MessageBudget;
  readonly aliases: ProductAliases;
  readonly heartbeat: HeartbeatOptions | undefined;
  readonly onFault: (error: unknown) => void;
}

/** Told that events of a topic are missing: those to come have at least this `stretch`. */
export type MissListener = (stretch: number) => void;

/** One connection to the venue and the topics on it. Heartbeats are always among them. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #dialect: Dialect;
  readonly #feed: Feed;
  readonly #resync: Resync;
  readonly #topics = new Map<string, TopicWatch>();
  /** Who is told of losses, and of which topic. */
  readonly #listeners = new Map<MissListener, string>();
  /** The venue's clock goes on while the machine sleeps. */
  readonly #elapsed: ElapsedTimer;
  readonly #beats: RhythmWatch;
  /** The connection whose beats are watched. */
  #beatsOf: number | undefined;
  /** Topics that are stale because the heartbeats are. */
  readonly #silenced = new Set<TopicWatch>();
  #heart: Subscription<Envelope> | undefined;
  #connection: ReconnectingConnection | undefined;
  #voice: Voice | undefined;
  #source: RepeatingSource | undefined;
  #onChange: () => void = () => undefined;
  #isKept = false;

  constructor(options: LaneOptions) {
    const { runtime, aliases, signer, budget, onFault, config, gate, tracer, url, heartbeat } =
      options;
    this.#options = options;
    this.#elapsed = elapsedTimer(runtime.timer);
    this.#beats = new RhythmWatch({
      timer: this.#elapsed,
      beat: "heartbeat",
      staleAfterMs: heartbeat?.staleAfterMs ?? HEARTBEAT_STALE_MS,
      onStale: () => stall(this.#heart?.state),
      patience: {
        ...HEARTBEAT_PATIENCE,
        afterMs: heartbeat?.deadAfterMs ?? HEARTBEAT_DEAD_MS,
      },
      onMute: (reason) => this.#giveUp(reason),
    });
    this.#dialect = new Dialect({
      aliases,
      signs: signer !== undefined,
      epoch: () => this.#connection?.lifecycle.snapshot.epoch ?? 0,
      again: (request, epoch) => this.#again(request, epoch),
      throttled: () => budget.refused(waitClock(runtime.timer).read()),
      accepted: () => budget.accepted(),
      beat: () => this.#beats.beat(this.#elapsed.now()),
      repeat: () => this.#source?.repeat(),
      missed: (isMissed) => this.#missed(isMissed),
      giveUp: (reason) => this.#giveUp(reason),
      fault: onFault,
    });
    this.#resync = new Resync({
      timer: runtime.timer,
      random: runtime.random,
      ask: (type, topics, abandoned) => this.#ask(type, topics, abandoned),
      isWanted: (topic) => this.holds(topic),
      failed: (topics, error) => this.#dialect.putOff(topics, error),
    });
    this.#feed = new Feed({
      runtime: { ...runtime, build: (settings) => this.#wrap(runtime.build(settings)) },
      settings: { config, classify: firewallPasses, gate, tracer },
      handshake: { url, protocols: [], headers: {} } satisfies Handshake,
      grammar: this.#dialect,
      login: new HeartbeatLogin({
        timer: runtime.timer,
        answerWithinMs: () => this.#beats.escalateAfterMs ?? HEARTBEAT_DEAD_MS,
        begin: () => {
          this.#dialect.begin();
          this.#resync.forget();
        },
        ask: (id) => this.#dialect.ask(id, "subscribe", [HEARTBEATS]),
        forget: (id) => this.#dialect.forget(id),
        giveUp: (reason) => this.#beats.mute(reason),
      }),
      commands: COMMANDS,
      maxTopicsPerConnection: Number.POSITIVE_INFINITY,
      onFault,
    });
  }

  /** Whether it takes topics: not, once it was shut down or refused for good. */
  get isOpen(): boolean {
    return this.#heart?.state.isFinal !== true;
  }

  /**
   * Whether nobody needs it. One whose heartbeats somebody reads is kept, since they cannot move.
   */
  get isIdle(): boolean {
    return this.#topics.size === 0 && !this.#isKept;
  }

  get connections(): readonly FeedConnection[] {
    // The heartbeats are ours.
    return this.#feed.connections.map(({ lifecycle }) => ({
      lifecycle,
      topics: this.#topics.size,
    }));
  }

  get topics(): readonly string[] {
    return Array.from(this.#topics.keys());
  }

  holds(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /**
   * Topics of a channel that count against the venue's limit: wanted, or not given up by the venue
   * yet.
   */
  count(channel: string): number {
    const all = new Set([...this.#topics.keys(), ...this.#dialect.held]);
    return Array.from(all).filter((topic) => channelOf(topic) === channel).length;
  }

  /** Told whenever a topic, or the lane itself, has ended. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  subscribe<T extends Envelope>(
    topic: string,
    product: string | undefined,
    options: SubscribeOptions,
  ): Subscription<T> {
    if (product !== undefined) this.#dialect.learn(topic, product);
    const subscription = this.#feed.subscribe<T>(topic, RULES, options);
    // Not before: options that cannot work dial nothing.
    this.#heart ??= this.#startHeart();
    if (topic === HEARTBEATS) {
      this.#isKept = true;
      return subscription;
    }
    // One that was closed in this turn is not a topic any more.
    const known = this.#topics.get(topic);
    if (known === undefined || known.isFinal) {
      this.#topics.set(topic, subscription.state);
      void this.#awaitEnd(topic, subscription.state);
    }
    // Whoever comes while the venue has the topic needs a beginning, too.
    const isHeld = known !== undefined || this.#dialect.held.has(topic);
    if (isHeld && STATEFUL.has(channelOf(topic))) this.#resync.request([topic]);
    return subscription;
  }

  /** Has the venue send a topic's snapshot anew. */
  resync(topic: string): void {
    if (this.holds(topic)) this.#resync.request([topic]);
  }

  /**
   * Tells of losses that may concern a topic, at the moment when they are noticed; events that were
   * read from the socket before may be waiting still.
   */
  onMissed(topic: string, listener: MissListener): () => void {
    this.#listeners.set(listener, topic);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all topics cleanly, and the connection. */
  async shutdown(): Promise<void> {
    this.#resync.stop();
    this.#beats.end();
    this.#voice?.stop();
    await this.#feed.shutdown();
  }

  /** Puts our halves around every connection that the kit opens; there is one at a time. */
  #wrap(connector: ReconnectingConnector): ReconnectingConnector {
    const { runtime, budget, signer } = this.#options;
    return {
      connect: async (handshake, options) => {
        const connection = await connector.connect(handshake, options);
        const { timer } = runtime;
        const { id, name, lifecycle, control, trigger } = connection;
        const voice = new Voice({
          sink: connection.sink,
          timer,
          budget,
          signer,
          epoch: () => lifecycle.snapshot.epoch,
          onSignFault: (error) => {
            this.#options.onFault(error);
            // Whatever waits for the unsent request would wait in vain. The login, where everything
            // begins anew, tries again by itself.
            if (this.#dialect.held.size > 0) this.#giveUp("a request could not be signed");
          },
        });
        const source = new RepeatingSource(connection.source);
        this.#connection = connection;
        this.#voice = voice;
        this.#source = source;
        return {
          id,
          name,
          sink: voice,
          source,
          lifecycle,
          trigger,
          stats: () => connection.stats(),
          get protocol() {
            return connection.protocol;
          },
          get headers() {
            return connection.headers;
          },
          control: {
            shutdown: (shutdownOptions) => {
              voice.stop();
              return control.shutdown(shutdownOptions);
            },
          },
          [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
        };
      },
    };
  }

  #again(request: VenueRequest, epoch: number): void {
    // A connection that ended meanwhile has forgotten the request.
    this.#voice?.say([request], { epoch }).catch(() => undefined);
  }

  async #ask(
    type: VenueRequest["type"],
    topics: readonly string[],
    abandoned: Promise<"abandoned">,
  ): Promise<"done" | "abandoned"> {
    let asked = 0;
    const answered = this.#feed.query((id) => {
      asked = id;
      return this.#dialect.ask(id, type, topics);
    });
    // Nobody hears of what comes of it after it was abandoned.
    answered.catch(() => undefined);
    try {
      if ((await Promise.race([answered, abandoned])) === "abandoned") return "abandoned";
    } finally {
      this.#dialect.forget(asked);
    }
    // Until it is subscribed again nothing comes, which must not pass for a quiet topic. The
    // snapshot makes it live.
    if (type === "unsubscribe") for (const topic of topics) stall(this.#topics.get(topic));
    return "done";
  }

  #missed(isMissed?: (topic: string) => boolean): void {
    const stateful = this.topics.filter((topic) => STATEFUL.has(channelOf(topic)));
    // Only where anything may be missing an answer may be.
    if (isMissed === undefined) this.#resync.missed(stateful);
    else this.#resync.request(stateful.filter(isMissed));
    for (const [listener, topic] of this.#listeners)
      if (isMissed?.(topic) ?? true) listener(this.#dialect.stretchOf(topic));
  }

  #giveUp(reason: string): void {
    this.#connection?.trigger.forceReconnect(reason);
  }

  async #awaitEnd(topic: string, state: TopicWatch): Promise<void> {
    while (!state.isFinal) await state.changed();
    if (this.#topics.get(topic) === state) this.#topics.delete(topic);
    this.#silenced.delete(state);
    this.#onChange();
  }

  #startHeart(): Subscription<Envelope> {
    const heart = this.#feed.subscribe<Envelope>(HEARTBEATS, RULES, {
      policy: { kind: "latest" },
    });
    void this.#watchHeart(heart);
    return heart;
  }

  /**
   * Pongs may come from a connection that is mute; beats do not. Without them nothing on it is
   * fresh.
   */
  async #watchHeart(heart: Subscription<Envelope>): Promise<void> {
    for await (const { phase, epoch } of heart.state) {
      if (phase === "live") this.#expectBeats(epoch);
      else if (phase !== "stale") this.#beats.end();
      if (phase === "stale") this.#silence();
      else if (phase === "live") this.#revive();
    }
    this.#beats.end();
    this.#onChange();
  }

  /** Once for each connection: from then on only a beat says that it lives. */
  #expectBeats(epoch: number): void {
    if (epoch === this.#beatsOf && this.#beats.phase !== "closed") return;
    this.#beatsOf = epoch;
    this.#beats.begin();
  }

  #silence(): void {
    for (const state of this.#topics.values()) if (stall(state)) this.#silenced.add(state);
  }

  #revive(): void {
    for (const state of this.#silenced) if (state.snapshot.phase === "stale") state.enter("live");
    this.#silenced.clear();
  }
}

/** Makes a live topic stale; tells whether it was one. */
function stall(state: TopicWatch | undefined): boolean {
  if (state?.snapshot.phase !== "live") return false;
  state.enter("stale");
  return true;
}

/** No topic has numbers of its own without holes; the connection's are looked at by the dialect. */
const RULES: TopicRules<Envelope> = {
  identity: ({ timestamp, sequence_num }) => `${timestamp} ${sequence_num}`,
  range: undefined,
  timeMs: ({ timestamp }) => unixMilliseconds(timestamp),
};
