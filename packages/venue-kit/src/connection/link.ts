import type { ReconnectingConnection, WsError } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import type { CallOutcome, CallContext } from "./call-outcome.js";
import { CommandPump } from "./command-pump.js";
import type { CommandPumpOwner } from "./command-pump.js";
import { EpochSessions } from "./epoch-sessions.js";
import type { Words } from "./grammar.js";
import { Heartbeat } from "./heartbeat.js";
import type { InboxLink } from "./link-inbox.js";
import { LinkLogin } from "./link-login.js";
import type { LinkOptions } from "./link-options.js";
import type { LinkOwner } from "./link-owner.js";
import { LinkReader } from "./link-reader.js";
import { LinkSpeech } from "./link-speech.js";
import type { SpeechLink } from "./link-speech.js";
import { LINK_TRANSITIONS } from "./link-table.js";
import type { LinkEffect, LinkInput, LinkState } from "./link-table.js";
import type { LoginOwner } from "./login.js";
import { readFrames } from "./read-frames.js";
import { SubscriptionRegistry } from "./subscription-registry.js";
import type { Command } from "./subscription-registry.js";
import type { VenueState } from "./venue-status.js";
import type { Session } from "../topic/session.js";
import { elapsedTimer } from "../options/elapsed-timer.js";

const all = (): boolean => true;

/**
 * One resilient connection and what is subscribed on it.
 *
 * How this works: whatever may change what the link does next is an input of the table in
 * `link-table.ts`: the transport's connection begins and ends, the venue greets, the login succeeds
 * or is undone, the owner shuts down. `#apply` is the only place that writes the state. It looks
 * the step up, writes where it leads, and performs the effects in their order. An effect may bring
 * another input (a login that is not needed succeeds at once); where that leads to another state,
 * the effects that are left are not performed.
 *
 * The transport tells levels and totals, which `look` compares with what was known: several changes
 * at once become the inputs in between. `#epoch` is the connection that answers and sends belong
 * to, 0 for none; a frame of any other epoch is delivered, and answers nothing (`isStray`).
 *
 * The parts know nothing of the state. `SubscriptionRegistry` turns wishes into commands, and
 * `CommandPump` sends them and waits for answers. `LinkSpeech` says everything else, through the
 * one `MessageSender`, which signs and paces. `LinkLogin` logs in, `Heartbeat` listens for signs of
 * life, and `EpochSessions` holds what the adapter keeps of each connection. `LinkReader` gives
 * frames to the grammar; what that finds comes back through `LinkInbox`.
 */
export class Link implements InboxLink, CommandPumpOwner, LoginOwner, SpeechLink {
  readonly registry: SubscriptionRegistry;
  readonly pump: CommandPump;
  readonly speech: LinkSpeech;
  readonly epochs: EpochSessions;
  readonly #options: LinkOptions;
  readonly #owner: LinkOwner;
  readonly #login: LinkLogin;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #reader: LinkReader;
  readonly #needsLogin: (topic: string) => boolean;
  #state: LinkState = "down";
  /** The transport epoch that answers and sends belong to; 0 for none. */
  #epoch = 0;
  #connection: ReconnectingConnection | undefined;
  #failure: WsError | undefined;
  #unsubscribe: () => void = () => undefined;
  #finished: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions, owner: LinkOwner) {
    const { timer, random, venue, loginPause: stated } = options;
    const { commands, heartbeat } = venue;
    const elapsed = elapsedTimer(timer);
    this.#options = options;
    this.#owner = owner;
    this.#needsLogin = venue.needsLogin ?? all;
    this.registry = new SubscriptionRegistry(commands);
    this.speech = new LinkSpeech(options, this);
    const { sender } = this.speech;
    const parts = { registry: this.registry, sender, timer, elapsed, random, times: commands };
    this.pump = new CommandPump(parts, this);
    const ask = (encode: (id: number) => Words): Promise<unknown> => this.query(encode);
    this.#login = new LinkLogin({ timer, random, stated, ask }, this);
    this.epochs = new EpochSessions(venue, this.speech);
    this.#reader = new LinkReader({ link: this, owner, options, epochs: this.epochs });
    if (heartbeat === undefined) return;
    this.#heartbeat = new Heartbeat(heartbeat, elapsed, {
      silent: () => this.#apply("silent"),
      heard: () => this.#apply(this.isSilent ? "silent" : "heard"),
      mute: (reason) => this.reconnect(reason),
      say: (message) => this.speech.say(message),
    });
  }

  /** `undefined` until {@link start} has got it. */
  get connection(): ReconnectingConnection | undefined {
    return this.#connection;
  }

  /** The session under way, as it is for this topic; `undefined` before the first frame. */
  sessionOf(topic: string): Session | undefined {
    return this.#reader.sessionOf(topic);
  }

  /** Whether the connection is open and nothing comes from it, or no heartbeat. */
  get isSilent(): boolean {
    const isStale = this.#connection?.lifecycle.snapshot.phase === "stale";
    return this.isUp && (isStale || this.#heartbeat?.isMissing === true);
  }

  get isUp(): boolean {
    return this.#epoch !== 0;
  }

  /** Whether a call can be sent on it. */
  get takesCalls(): boolean {
    return this.isUp && this.#state !== "closing";
  }

  /** When the last event arrived, in elapsed milliseconds; `undefined` before the first. */
  get lastEventAt(): number | undefined {
    return this.#reader.lastEventAt;
  }

  get isCaughtUp(): boolean {
    return this.#reader.isCaughtUp;
  }

  get isStray(): boolean {
    return this.#epoch === 0 || this.#reader.frameEpoch !== this.#epoch;
  }

  /**
   * Whether the event of this topic that is being told belongs to the connection that is up now,
   * and not to what an earlier one, or a session that was lost, left behind.
   */
  isCurrent(topic: string): boolean {
    return !this.isStray && (this.#state === "closing" || this.#admits(topic));
  }

  start(): void {
    this.#finished = this.#run();
  }

  want(topic: string): void {
    this.registry.want(topic);
    this.pump.pump();
  }

  unwant(topic: string): void {
    this.registry.unwant(topic);
    this.pump.pump();
  }

  /**
   * Resolves when the socket is gone and what had arrived is told, {@link LinkOwner.ended} last.
   * Idempotent.
   */
  async shutdown(): Promise<void> {
    this.#apply("shutdown");
    await this.#connection?.control.shutdown();
    await this.#finished;
  }

  /** Asks for another connection, for this reason. */
  reconnect(reason: string): void {
    this.#apply("mute", { reason });
  }

  query(encode: (id: number) => Words): Promise<unknown> {
    return this.speech.query(encode);
  }

  /** Like {@link query}, and tells what became of a question that was not answered. */
  call(encode: (id: number) => Words, context?: CallContext): Promise<CallOutcome<unknown>> {
    return this.speech.call(encode, context);
  }

  resync(topic: string, isDoubted?: boolean): void {
    this.speech.resync(topic, isDoubted);
  }

  refresh(topics: readonly string[], isDoubted: (topic: string) => boolean): void {
    const due = topics.filter((topic) => this.registry.refresh(topic));
    for (const topic of due) this.#owner.resyncing(this, topic, isDoubted(topic));
    this.pump.pump();
  }

  unanswered(id: number): void {
    this.epochs.grammar.unanswered?.(id);
  }

  confirmed({ kind, topics }: Command): void {
    this.#reader.beginSession(this.#epoch);
    // One that is to be asked for again meanwhile is not live.
    const isHeld = (topic: string): boolean => this.registry.isHeld(topic);
    this.#owner.confirmed(this, kind === "subscribe" ? topics.filter(isHeld) : []);
  }

  refused(topic: string, error: WsError): void {
    this.#owner.refused(this, topic, error);
  }

  refusedBehind(id: number, error: WsError): boolean {
    return this.#login.refusedBehind(id, error);
  }

  putOff(topics: readonly string[], error: WsError): void {
    this.#owner.putOff(this, topics, error);
  }

  beat(): void {
    this.#heartbeat?.beat(this.#reader.arrivedAt);
  }

  /** A frame was taken. */
  received(): void {
    if (this.#heartbeat !== undefined && !this.isStray)
      this.#heartbeat.frame(this.#reader.arrivedAt);
  }

  venueStatus(state: VenueState, detail?: string): void {
    this.#owner.venueStatus(this, state, detail);
  }

  ending(reason: string): void {
    this.#owner.ending(this, reason);
  }

  input(input: LinkInput, cause?: WsError): void {
    this.#apply(input, { cause });
  }

  implied(id: number): void {
    const command = this.registry.confirm(id);
    this.pump.answered(id);
    if (command !== undefined) this.confirmed(command);
  }

  loggedIn(): void {
    this.#apply("loggedIn");
  }

  loginPutOff(error: WsError): void {
    this.#apply("putOff", { cause: error });
  }

  failed(error: WsError): void {
    this.#apply("failed", { cause: error });
  }

  fault(error: unknown): void {
    this.#owner.fault(error);
  }

  /** The only writer of the state. */
  #apply(input: LinkInput, detail: Detail = {}): void {
    this.#options.onStep?.(this.#state, input);
    const step = LINK_TRANSITIONS[this.#state][input];
    if (step === "ignore") return;
    this.#state = step.to;
    for (const effect of step.effects) {
      this.#perform(effect, detail);
      // The owner may shut the connection down when it is told: the rest is of no use then.
      if (this.#state !== step.to) return;
    }
  }

  #perform(effect: LinkEffect, { cause, reason, epoch = 0 }: Detail): void {
    switch (effect) {
      case "adopt":
        this.#epoch = epoch;
        break;
      case "forget":
        this.#epoch = 0;
        break;
      case "open":
        this.#open();
        break;
      case "subscribe":
        this.pump.beginEpoch(this.#epoch, this.epochs.grammar, this.#admits);
        this.#heartbeat?.reached("greeted");
        break;
      case "logIn":
        this.#logIn();
        break;
      case "logInAgain":
        this.#login.repeat();
        break;
      case "admit":
        this.#heartbeat?.reached("ready");
        this.pump.admit(this.#admits);
        break;
      case "tellPutOff":
        if (cause !== undefined) this.putOff(this.registry.wanted(this.#needsLogin), cause);
        break;
      case "logOut":
        this.#reader.logOut();
        this.#login.lose(cause);
        this.speech.queries.endSession();
        // Before it is told: who hears of it may look what is still held here.
        this.pump.drop(this.#admits);
        this.#owner.down(this, cause, this.#needsLogin);
        break;
      case "halt":
        this.#halt();
        break;
      case "tellDown":
        this.#owner.down(this, cause, all);
        break;
      case "tellSilent":
        this.#owner.silent(this);
        break;
      case "tellHeard":
        this.#owner.heard(this);
        break;
      case "reconnect":
        this.#connection?.trigger.forceReconnect(reason);
        break;
      case "hangUp":
        this.#failure ??= cause;
        void this.#connection?.control.shutdown();
        break;
      case "finish":
        this.speech.queries.close();
        this.#unsubscribe();
        // When it was our own code that failed, the connection is still there.
        void this.#connection?.control.shutdown();
        this.#owner.ended(this, this.#failure);
        break;
      default:
        effect satisfies never;
    }
  }

  /** What the adapter keeps of the connection is there before anything is said on it. */
  #open(): void {
    this.speech.begin(this.#epoch);
    this.epochs.begin(this.#epoch);
    this.#owner.up(this);
    if (this.#options.venue.awaitsGreeting !== true) this.#apply("greeted");
  }

  #logIn(): void {
    const { venue } = this.#options;
    const { login = venue.login, keepalive = venue.keepalive } = this.epochs.session;
    this.#login.begin({ login, keepalive });
  }

  #halt(): void {
    this.#login.stop();
    this.#heartbeat?.end();
    this.pump.stop();
    this.speech.stop();
    this.epochs.end();
  }

  /** Topics that may be asked for now. */
  readonly #admits = (topic: string): boolean =>
    this.#state === "ready" || !this.#needsLogin(topic);

  async #run(): Promise<void> {
    try {
      const connection = await this.#options.open();
      this.#attach(connection);
      if (this.#state === "closing") void connection.control.shutdown();
      await readFrames(connection.source, this.#options.timer, this.#reader);
    } catch (cause) {
      const message = "a feed's connection failed";
      this.#failure ??= asWsError(cause, { code: "INTERNAL", message });
    }
    this.#apply("ended");
  }

  #attach(connection: ReconnectingConnection): void {
    this.#connection = connection;
    this.speech.sender.attach(connection);
    this.#unsubscribe = connection.lifecycle.subscribe(() => this.look());
    this.look();
  }

  /**
   * Compares the lifecycle with what was known of it: levels and totals, so nothing is missed if
   * several changes came together.
   */
  look(): void {
    const snapshot = this.#connection?.lifecycle.snapshot;
    if (snapshot === undefined) return;
    const { phase, epoch, downSince, cause } = snapshot;
    const isUp = downSince === undefined && !isTerminal(phase);
    if (this.isUp && (!isUp || epoch !== this.#epoch)) this.#apply("down", { cause });
    if (isUp && !this.isUp) this.#apply("up", { epoch });
    if (this.isUp) this.#apply(this.isSilent ? "silent" : "heard");
  }
}

/** What comes with an input. */
interface Detail {
  readonly cause?: WsError | undefined;
  readonly reason?: string;
  readonly epoch?: number;
}
