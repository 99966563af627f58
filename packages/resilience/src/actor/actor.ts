import type {
  ConnectionIdentity,
  ConnectionStats,
  ObservedConnection,
  Task,
  Timer,
  WsError,
} from "@oath-ws/contract";
import { attribute } from "../core/attribute.js";
import type { Action, SupervisorInput } from "../core/supervisor-messages.js";
import { endsSocketWhenDue, isSilent, isUp } from "../core/supervisor-table.js";
import type { Supervisor } from "../core/supervisor.js";
import { asWsError } from "../primitives/as-ws-error.js";
import { ReceiveReport } from "./receive-report.js";
import { RecvBuffer } from "./recv-buffer.js";
import { SendQueue } from "./send-queue.js";
import type { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import { Alarm, earliest } from "../primitives/alarm.js";
import { ignoreFailure } from "../primitives/ignore-failure.js";
import type { ActorOptions } from "./actor-options.js";
import { connectionStats } from "./connection-stats.js";
import { EndpointPull } from "./endpoint-pull.js";
import { ConnectionObserver } from "./observer.js";
import { gaveUp, shutDown } from "./failures.js";
import { Inbound } from "./inbound.js";
import { Link } from "./link.js";
import type { LinkOwner } from "./link.js";
import { LastLook } from "./last-look.js";
import { inputOfLoss, NO_MAIL } from "./mail.js";
import type { Mail } from "./mail.js";
import { Outbound } from "./outbound.js";
import { Silence } from "./silence.js";
import { SleepWatch } from "./sleep-watch.js";
import { Sockets } from "./sockets.js";
import type { SocketsOwner } from "./sockets.js";

/**
 * The thin shell around the supervisor: it alone owns the socket, and everything it does happens in
 * its own turns, but for frames, which the socket's turn puts into the receive buffer. A turn
 * counts what arrived, takes the mail, lets time do its work, wakes the reader, and sets one alarm
 * for the next deadline.
 */
export class ConnectionActor implements Task, SocketsOwner, LinkOwner {
  readonly lifecycle: LifecycleWatch;
  readonly sends: SendQueue;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly connection: ConnectionIdentity;
  readonly leaf: ActorOptions["leaf"];
  /** Kept here, so that it lives as long as the connection and not as long as the user's handle. */
  readonly observer: ObservedConnection;
  readonly silence: Silence;
  readonly #sockets: Sockets;
  readonly #pull: EndpointPull | undefined;
  readonly #timer: Timer;
  readonly #supervisor: Supervisor;
  readonly #sleep: SleepWatch;
  /** Made for the first socket that is let go. */
  #lastLook: LastLook | undefined = undefined;
  readonly #report: ReceiveReport;
  readonly #recv: RecvBuffer;
  readonly #registration: ActorOptions["registration"];
  readonly #alarm: Alarm;
  #wake: () => void = () => undefined;
  #mail = NO_MAIL;
  /** Something arrived since the last turn. */
  #hasArrived = false;
  #turnedAt = 0;
  #failure: WsError | undefined;

  constructor(options: ActorOptions) {
    this.connection = options.connection;
    this.leaf = options.leaf;
    this.#registration = options.registration;
    this.#timer = options.timer;
    this.#supervisor = options.supervisor;
    this.#sleep = new SleepWatch(options.timer, options.supervisor);
    const wake = (): void => this.#wake();
    const { config, timer, connection, source } = options;
    this.#recv = new RecvBuffer({ bounds: config.buffer, timer, connection, onReaderChange: wake });
    this.inbound = new Inbound(this.#recv);
    this.#alarm = new Alarm(timer, wake);
    this.sends = new SendQueue(config.send, timer, wake, options.trace, connection);
    this.outbound = new Outbound(config.liveness, this.sends, options.trace, options.probe);
    this.silence = new Silence(config.liveness, timer, this.outbound, options.trace);
    this.#sockets = new Sockets(options, this);
    const answer = (input: SupervisorInput): void => this.#post({ kind: "answered", input });
    this.#pull = source && new EndpointPull(source, timer, config.connect.timeoutMs, answer);
    this.#report = new ReceiveReport(this.#recv, this.inbound, options);
    this.lifecycle = this.#report.lifecycle;
    this.observer = new ConnectionObserver(this, connection);
  }

  /** What ended the connection, if it was not asked to end. */
  get failure(): WsError | undefined {
    return this.#failure;
  }

  get source(): RecvBuffer["source"] {
    return this.#recv.source;
  }

  stats(): ConnectionStats {
    const now = this.#timer.now();
    return connectionStats(this, now, this.#supervisor, this.#recv, this.#sockets.link);
  }

  /** Queues an input for the next turn. */
  tell(input: SupervisorInput): void {
    this.#post({ kind: "input", input });
  }

  /** There is reason to doubt the open socket. */
  doubt(): void {
    this.#post({ kind: "doubted" });
  }

  pong(leave: () => boolean): void {
    this.sends.pong(leave);
    this.arrived();
  }

  pongLeft(): void {
    this.sends.limit?.pongLeft();
  }

  ponged(payload: Uint8Array): void {
    this.outbound.ponged(payload, this.inbound.lastInboundAt ?? this.#timer.now());
    this.arrived();
  }

  opened(link: Link): void {
    this.#post({ kind: "opened", link });
  }

  /** Wakes the actor only where that makes a difference: bytes alone are not yet a frame. */
  read(at: number): void {
    this.inbound.lastInboundAt = at;
    if (isSilent(this.#supervisor.state)) this.arrived();
  }

  /** Called in the socket's own turn, with every frame and pong: one turn for a whole read. */
  arrived(): void {
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    this.#wake();
  }

  /** Whether the reader was woken, to run before a turn that changes nothing for it (ADR-0066). */
  #readerFirst(): boolean {
    if (!this.#hasArrived || this.#mail.length > 0) return false;
    const { state, snapshot } = this.#supervisor;
    const isSeeing = isUp(state) && !isSilent(state) && snapshot.blindSince === undefined;
    return isSeeing && this.#recv.wake();
  }

  lagged(): void {
    this.#wake();
  }

  closed(link: Link, error: WsError): void {
    this.#post({ kind: "closed", link, error });
  }

  ended(link: Link, error: WsError): void {
    this.#post({ kind: "ended", link, error });
  }

  poll(wake: () => void): "pending" | "done" {
    this.#wake = wake;
    try {
      if (this.#readerFirst()) wake();
      else this.#turn();
    } catch (error) {
      this.#crash(error);
    }
    return this.lifecycle.isFinal ? "done" : "pending";
  }

  #turn(): void {
    const now = (this.#turnedAt = this.#clock());
    const rung = this.#alarm.taken(now);
    this.#publishSince(this.#sleep.notice(now, this.#mail.length > 0));
    // Frames first: what a socket brought before it ended counts before its end does.
    this.#received(now);
    const mail = this.#mail;
    if (mail.length > 0) this.#mail = NO_MAIL;
    for (const item of mail) this.#open(item, now);
    this.#advance(now, rung);
    this.#recv.wake();
    this.#alarm.set(this.#nextDeadline());
  }

  /**
   * The time of this turn: when it is for frames alone, that of their read, so that the clock is
   * looked at once per read. Sends that wait would be charged to a time before they left, and
   * frames that took time to inflate may come after another turn.
   */
  #clock(): number {
    if (this.#hasArrived && this.#mail.length === 0 && !this.#alarm.isRung && this.sends.isIdle) {
      const readAt = this.#sockets.link?.readAt;
      if (readAt !== undefined && readAt >= this.#turnedAt) return readAt;
    }
    return this.#timer.now();
  }

  #open(mail: Mail, now: number): void {
    switch (mail.kind) {
      case "input":
        this.#step(mail.input, now);
        return;
      case "answered":
        if (this.#supervisor.state === "resolving") this.#step(mail.input, now);
        return;
      case "doubted":
        if (isUp(this.#supervisor.state)) this.#judgeSilence(now, this.silence.doubt(now));
        return;
      case "opened":
        if (this.#sockets.attempt === mail.link) this.#step({ kind: "opened" }, now);
        return;
      case "dialFailed": {
        if (this.#sockets.attempt !== mail.link) return;
        this.#sockets.dialFailed();
        const kind = this.#supervisor.trial === "dialing" ? "trialFailed" : "failed";
        this.#step({ kind, error: mail.error }, now);
        return;
      }
      case "closed":
      case "ended": {
        // The socket that takes over ends before its time: it takes over all the same, and is lost.
        if (this.#supervisor.state === "parting" && this.#sockets.attempt === mail.link)
          this.#step({ kind: "gone" }, now);
        const input = inputOfLoss(mail, this.#supervisor.state);
        if (this.#sockets.link === mail.link && input !== undefined) this.#step(input, now);
        return;
      }
      default:
        mail satisfies never;
    }
  }

  #step(input: SupervisorInput, now: number): void {
    const before = this.#supervisor.snapshot;
    const actions = this.#supervisor.step(input, now);
    for (const action of actions) if (action.kind === "finish") this.#countLast(actions);
    this.#publishSince(before);
    for (const action of actions) this.#perform(action, now);
  }

  /** Drops the socket before the last snapshot is out, which counts what the connector drops. */
  #countLast(actions: readonly Action[]): void {
    for (const action of actions)
      if (action.kind === "drop") ignoreFailure(() => this.#sockets.drop(action.error));
    this.#supervisor.lagged(this.#recv.totalLagged, this.#recv.totalLaggedBytes);
  }

  #perform(action: Action, now: number): void {
    switch (action.kind) {
      case "dial":
        this.#startDial(action, now);
        return;
      case "ask":
        this.#pull?.ask(action);
        return;
      case "abort":
        this.#giveUp(shutDown(this.connection));
        return;
      case "adopt":
        if (this.#sockets.adopt(action.epoch, this.#supervisor.snapshot.endpoint, now))
          this.#received(now);
        return;
      case "letGo":
        return this.#sockets.letGo(action.error);
      case "drop":
        return this.#sockets.drop(action.error);
      case "hangUp":
        return this.#sockets.hangUp();
      case "finish":
        return this.#finish(action.error);
      default:
        action satisfies never;
    }
  }

  #startDial(to: Extract<Action, { readonly kind: "dial" }>, now: number): void {
    const link = new Link(to.attempt, this, this.inbound, this.#timer);
    this.#sockets.dial(link, to, now, (error) => this.#post({ kind: "dialFailed", link, error }));
  }

  /** Ends the attempt under way and the question to the `EndpointSource`. */
  #giveUp(reason: WsError): void {
    this.#pull?.giveUp(reason);
    this.#sockets.giveUp(reason);
  }

  #finish(error: WsError | undefined): void {
    this.#failure = error;
    this.#sockets.dialFailed();
    this.#report.flush(this.#turnedAt);
    const connection = this.connection;
    this.sends.shut(() => (error === undefined ? shutDown(connection) : gaveUp(connection, error)));
    this.#recv.end(error);
    this.#registration.end();
  }

  /** Counts what arrived since the last turn. */
  #received(now: number): void {
    this.#report.refresh(now);
    if (!this.#hasArrived) return;
    this.#hasArrived = false;
    const { link } = this.#sockets;
    if (link === undefined) return;
    this.#heard(now);
    const before = this.#supervisor.snapshot;
    const { lastDataAt, dataEpoch } = this.inbound;
    if (lastDataAt !== undefined && dataEpoch === link.epoch) this.#supervisor.data(lastDataAt);
    this.#publishSince(before);
  }

  #heard(at: number): void {
    this.silence.heard(at);
    if (isSilent(this.#supervisor.state)) this.#step({ kind: "alive" }, at);
  }

  #advance(now: number, rung: { readonly lateMs: number } | undefined): void {
    const hasRung = rung !== undefined;
    this.#stepDue(now, hasRung);
    if (hasRung && isUp(this.#supervisor.state)) this.#judgeSilence(now, rung.lateMs);
    const stall = isUp(this.#supervisor.state) ? this.outbound.judge(now, hasRung) : undefined;
    if (stall !== undefined) this.#step({ kind: "failed", error: stall }, now);
    this.sends.advance(now, hasRung);
    this.#report.advance(now);
  }

  /**
   * After a backoff comes the gate, whose slot may be free: then the attempt begins in this turn,
   * not a trip through the event loop later.
   */
  #stepDue(now: number, hasRung: boolean): void {
    const { state, trial, nextDeadline } = this.#supervisor;
    if (nextDeadline === undefined || now < nextDeadline) return;
    if (endsSocketWhenDue(state)) {
      const look = (this.#lastLook ??= new LastLook());
      if (!look.isOver(nextDeadline, hasRung)) return;
    }
    this.#step({ kind: "due" }, now);
    const hasMoved = this.#supervisor.state !== state || this.#supervisor.trial !== trial;
    if (hasMoved) this.#stepDue(now, hasRung);
  }

  #judgeSilence(now: number, lateMs: number): void {
    const inboundAt = this.inbound.lastInboundAt;
    // The bytes of a message too large for one turn are life, though no frame is complete.
    if (inboundAt !== undefined && this.silence.isBefore(inboundAt)) this.#heard(inboundAt);
    // We do not listen, so that the peer cannot be silent.
    if (this.#sockets.link?.isPaused === true) this.#heard(now);
    const input = this.silence.judge(now, lateMs);
    if (input !== undefined) this.#step(input, now);
  }

  #nextDeadline(): number | undefined {
    if (this.lifecycle.isFinal) return undefined;
    const sends = earliest(this.sends.nextDeadline, this.#report.nextDeadline);
    const deadline = earliest(this.#sleep.nextDeadline(this.#turnedAt), sends);
    if (!isUp(this.#supervisor.state)) return deadline;
    return earliest(earliest(deadline, this.silence.nextDeadline), this.outbound.nextDeadline);
  }

  #publishSince(before: Supervisor["snapshot"]): void {
    const { snapshot } = this.#supervisor;
    if (snapshot !== before) this.lifecycle.publish(snapshot);
  }

  #post(mail: Mail): void {
    if (this.#mail === NO_MAIL) this.#mail = [];
    this.#mail.push(mail);
    this.#wake();
  }

  /**
   * A fault of this program, or of a leaf that throws: loud and final, never a feed that is
   * silently dead. What is broken may be broken in ending as well, so that every step is taken
   * whether or not the others fail.
   */
  #crash(error: unknown): void {
    const now = this.#timer.now();
    const internal = { code: "INTERNAL", message: "the connection actor failed" } as const;
    const fault = attribute(asWsError(error, internal), this.connection);
    this.#alarm.set(undefined);
    ignoreFailure(() => this.#giveUp(fault));
    ignoreFailure(() => this.#report.refresh(now));
    const before = this.#supervisor.snapshot;
    const actions = this.#supervisor.step({ kind: "crash", error: fault }, now);
    this.#countLast([{ kind: "drop", error: fault }]);
    this.#publishSince(before);
    for (const action of actions) ignoreFailure(() => this.#perform(action, now));
  }
}
