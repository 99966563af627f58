import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { isTerminal, isWsError, WsError } from "@oath-ws/contract";
import { CommandPump } from "./command-pump.js";
import type { Inbox, RefusalVerdict } from "./grammar.js";
import { LinkLogin } from "./link-login.js";
import type { LinkOptions } from "./link-options.js";
import type { LinkOwner } from "./link-owner.js";
import { LinkSessions } from "./link-sessions.js";
import { Queries } from "./queries.js";
import { readFrames } from "./read-frames.js";
import type { Session } from "../topic/session.js";
import { SubscriptionRegistry } from "./subscription-registry.js";
import type { Command } from "./subscription-registry.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";

const all = (): boolean => true;

/**
 * One resilient connection and what is subscribed on it: feeds frames to the grammar, and commands
 * to the venue.
 */
export class Link implements Inbox {
  readonly registry: SubscriptionRegistry;
  readonly #options: LinkOptions;
  readonly #elapsed: ElapsedTimer;
  readonly #owner: LinkOwner;
  readonly #queries: Queries;
  #connection: ReconnectingConnection | undefined;
  #pump: CommandPump | undefined;
  readonly #login: LinkLogin;
  #failure: WsError | undefined;
  #unsubscribe: () => void = () => undefined;
  #finished: Promise<void> = Promise.resolve();
  #closing = false;
  #up = false;
  #silent = false;
  /** The transport epoch that commands go to. */
  #epoch = 0;
  #frame: { readonly epoch: number; readonly receivedAt: number } | undefined;
  #nextSeq = 0;
  readonly #sessions = new LinkSessions();
  #greeted = false;
  #lastEventAt: number | undefined;

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.#options = options;
    this.#elapsed = elapsedTimer(options.timer);
    this.#owner = owner;
    this.registry = new SubscriptionRegistry(options.commands);
    this.#queries = new Queries(this.#elapsed, options.commands.answerTimeoutMs);
    this.#login = new LinkLogin({
      login: options.login,
      keepalive: options.keepalive,
      timer: options.timer,
      random: options.random,
      stated: options.loginPause,
      ask: (encode) => this.query(encode),
      onReady: () => this.#pump?.admit(this.#admits),
      onPutOff: (error) => owner.putOff(this, this.registry.wanted(this.#needsLogin), error),
      onRefused: (error) => this.failed(error),
      onFault: (error) => owner.fault(error),
    });
  }

  /** `undefined` until {@link start} has got it. */
  get connection(): ReconnectingConnection | undefined {
    return this.#connection;
  }

  /** The session under way, as it is for this topic; `undefined` before the first frame. */
  sessionOf(topic: string): Session | undefined {
    return this.#sessions.of(topic, this.#needsLogin(topic));
  }

  /** Whether the connection is open and nothing comes from it. */
  get isSilent(): boolean {
    return this.#silent;
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** When the last event arrived, in elapsed milliseconds; `undefined` before the first. */
  get lastEventAt(): number | undefined {
    return this.#lastEventAt;
  }

  /**
   * Whether the event of this topic that is being told belongs to the connection that is up now,
   * and not to what an earlier one, or a session that was lost, left behind.
   */
  isCurrent(topic: string): boolean {
    return !this.#stray() && (this.#login.isReady || this.#closing || !this.#needsLogin(topic));
  }

  start(): void {
    this.#finished = this.#run();
  }

  want(topic: string): void {
    this.registry.want(topic);
    this.#pump?.pump();
  }

  unwant(topic: string): void {
    this.registry.unwant(topic);
    this.#pump?.pump();
  }

  forceReconnect(reason: string): void {
    this.#connection?.trigger.forceReconnect(reason);
  }

  /**
   * Resolves when the socket is gone and what had arrived is told, {@link LinkOwner.ended} last.
   * Idempotent.
   */
  async shutdown(): Promise<void> {
    this.#closing = true;
    this.#halt();
    await this.#connection?.control.shutdown();
    await this.#finished;
  }

  event(topic: string, data: unknown): void {
    const session = this.sessionOf(topic);
    if (session === undefined || this.#frame === undefined) return;
    this.#lastEventAt = this.#elapsed.arrived(this.#frame.receivedAt);
    try {
      this.#owner.event(this, topic, data, session, this.#frame.receivedAt);
    } catch (error) {
      // The topic's rules could not make anything of it; the frame's other topics go on.
      this.unreadable((one) => one === topic, error);
    }
  }

  unreadable(isConcerned: (topic: string) => boolean, error: unknown): void {
    for (const topic of this.registry.topics) {
      if (isConcerned(topic))
        this.#sessions.breakTopic(topic, this.#needsLogin(topic), "malformed");
    }
    this.#owner.broke(this, isConcerned);
    this.#owner.fault(error);
  }

  /**
   * Asks the venue something that changes no subscription. Rejects with a `WsError`: refused,
   * unanswered in time, or the connection ended.
   */
  query(encode: (id: number) => string): Promise<unknown> {
    const connection = this.#connection;
    if (connection === undefined || !this.#up) {
      return Promise.reject(
        new WsError({
          kind: "connection",
          code: "NOT_CONNECTED",
          message: "the feed is not connected",
        }),
      );
    }
    const id = this.registry.takeId();
    let text: string;
    try {
      text = encode(id);
    } catch (cause) {
      const message = "the question could not be encoded";
      return Promise.reject(new WsError({ kind: "client", code: "ENCODE_FAULT", message, cause }));
    }
    const epoch = this.#epoch;
    return this.#queries.ask(id, (signal) => connection.sink.send(text, { epoch, signal }));
  }

  confirmed(id: number, result?: unknown): void {
    if (this.#stray() || this.#queries.answer(id, result)) return;
    this.#pump?.confirmed(this.registry.topicsOf(id));
    this.#carriedOut(id);
    this.#pump?.pump();
  }

  refused(id: number, error: WsError, verdict: RefusalVerdict): void {
    if (this.#stray() || this.#queries.refuse(id, error)) return;
    if (verdict === "notNow") {
      this.#putOff(this.#pump?.putOff(id, error), error);
      return;
    }
    const topic = this.registry.refuse(id);
    this.#pump?.answered(id);
    if (topic !== undefined) this.#owner.refused(this, topic, error);
    this.#pump?.pump();
  }

  topicRefused(topic: string, error: WsError, verdict: RefusalVerdict): void {
    if (this.#stray()) return;
    if (verdict === "notNow") {
      this.#pump?.putOffTopic(topic, error);
      this.#owner.putOff(this, [topic], error);
    } else {
      for (const id of this.registry.refuseTopic(topic)) this.#pump?.answered(id);
      this.#owner.refused(this, topic, error);
    }
    this.#pump?.pump();
  }

  later(id: number, error: WsError): void {
    if (this.#stray() || this.#queries.refuse(id, error)) return;
    this.#putOff(this.#pump?.later(id, error), error);
  }

  greeted(): void {
    if (this.#greeted || this.#closing || this.#stray()) return;
    this.#greeted = true;
    this.#begin();
  }

  ending(reason: string): void {
    if (!this.#stray()) this.#owner.ending(this, reason);
  }

  sessionLost(cause: WsError): void {
    if (this.#stray() || this.#closing) return;
    this.#sessions.logOut(this.#needsLogin);
    this.#login.lose(cause);
    this.#queries.end();
    this.#owner.down(this, cause, this.#needsLogin);
    this.#pump?.drop(this.#admits);
    if (this.#greeted) this.#login.repeat();
  }

  failed(error: WsError): void {
    this.#failure ??= error;
    void this.shutdown();
  }

  #carriedOut(id: number): void {
    this.#sessions.begin(this.#epoch, () => this.#owner.nextEpoch());
    const command = this.registry.confirm(id);
    this.#pump?.answered(id);
    if (command !== undefined)
      this.#owner.confirmed(this, command.kind === "subscribe" ? command.topics : []);
  }

  #putOff(command: Command | undefined, error: WsError): void {
    // An unsubscription that was put off changes nothing for anybody.
    if (command?.kind === "subscribe") this.#owner.putOff(this, command.topics, error);
    this.#pump?.pump();
  }

  /** An answer of an earlier connection, or of one that is down meanwhile, left in the buffer. */
  #stray(): boolean {
    return !this.#up || this.#frame?.epoch !== this.#epoch;
  }

  get #needsLogin(): (topic: string) => boolean {
    return this.#options.needsLogin ?? all;
  }

  /** Topics that may be asked for now. */
  readonly #admits = (topic: string): boolean => this.#login.isReady || !this.#needsLogin(topic);

  async #run(): Promise<void> {
    try {
      const connection = await this.#options.open();
      this.#attach(connection);
      if (this.#closing) void connection.control.shutdown();
      await readFrames(connection.source, this.#options.timer, (frame) => this.#receive(frame));
    } catch (error) {
      this.#failure ??= isWsError(error)
        ? error
        : new WsError({
            kind: "unknown",
            code: "INTERNAL",
            message: "a feed's connection failed",
            cause: error,
          });
    }
    this.#up = false;
    this.#halt();
    this.#unsubscribe();
    // When it was our own code that failed, the connection is still there.
    void this.#connection?.control.shutdown();
    this.#owner.ended(this, this.#failure);
  }

  #attach(connection: ReconnectingConnection): void {
    const { grammar, timer, random, commands } = this.#options;
    this.#connection = connection;
    this.#pump = new CommandPump({
      registry: this.registry,
      connection,
      encode: (command) => grammar.encode(command),
      isAnswered: (command) => grammar.isAnswered?.(command) ?? true,
      quietMs: (command) => grammar.quietMs?.(command) ?? 0,
      timer,
      elapsed: this.#elapsed,
      random,
      onImplied: (id) => this.#carriedOut(id),
      onDelayed: ({ topics }, error) => this.#owner.putOff(this, topics, error),
      onFault: (error) => this.#owner.fault(error),
      times: commands,
    });
    this.#unsubscribe = connection.lifecycle.subscribe(() =>
      this.#look(connection.lifecycle.snapshot),
    );
    this.#look(connection.lifecycle.snapshot);
  }

  /**
   * Compares the lifecycle with what was known of it: levels and totals, so nothing is missed if
   * several changes came together.
   */
  #look(snapshot: LifecycleSnapshot): void {
    const { phase, epoch, downSince } = snapshot;
    const isUp = downSince === undefined && !isTerminal(phase);
    if (this.#up && (!isUp || epoch !== this.#epoch)) {
      this.#up = false;
      this.#leave(snapshot.cause);
    }
    if (isUp && !this.#up) {
      this.#up = true;
      this.#epoch = epoch;
      this.#owner.up(this);
      this.#enter();
    }
    const wasSilent = this.#silent;
    this.#silent = phase === "stale";
    if (this.#silent) this.#owner.silent(this);
    else if (wasSilent && this.#up) this.#owner.heard(this);
  }

  /** A connection begins. */
  #enter(): void {
    if (this.#closing) return;
    this.#greeted = this.#options.awaitsGreeting !== true;
    if (this.#greeted) this.#begin();
  }

  /** The venue listens: subscribe what needs no login, log in, then subscribe the rest. */
  #begin(): void {
    this.#login.open();
    this.#pump?.beginEpoch(this.#epoch, this.#admits);
    this.#login.begin();
  }

  /**
   * A session is over. One that we close ourselves goes on telling what had arrived; its end is
   * told by `ended`.
   */
  #leave(cause: WsError | undefined): void {
    this.#halt();
    if (!this.#closing) this.#owner.down(this, cause, all);
  }

  /** Nothing is asked any more, and no timer runs. */
  #halt(): void {
    this.#login.stop();
    this.#queries.end();
    this.#pump?.stop();
  }

  #receive(frame: ReceivedFrame): void {
    if (frame.epoch !== this.#frame?.epoch) {
      this.#sessions.begin(frame.epoch, () => this.#owner.nextEpoch());
    } else if (frame.seq !== this.#nextSeq) {
      this.#sessions.break("lagged");
      this.#owner.broke(this, all);
    }
    this.#frame = frame;
    this.#nextSeq = frame.seq + 1;
    try {
      this.#options.grammar.receive(frame, this);
    } catch (error) {
      this.unreadable(all, error);
    }
  }
}
