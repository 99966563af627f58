import type {
  Handshake,
  Spawn,
  Task,
  Timer,
  TraceEvent,
  WsConnector,
  WsError,
} from "@oath-ws/contract";
import { isTerminal, redactUrl } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import type { Action, Supervisor, SupervisorInput } from "../core/supervisor.js";
import { asWsError } from "../primitives/as-ws-error.js";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
import { RecvBuffer } from "./recv-buffer.js";
import { SendQueue } from "./send-queue.js";
import { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import { Alarm, earliest } from "../primitives/alarm.js";
import { gaveUp, shutDown } from "./failures.js";
import { Inbound } from "./inbound.js";
import { takeLag } from "./lag.js";
import { Link } from "./link.js";
import type { LinkOwner } from "./link.js";
import type { Mail } from "./mail.js";
import { Outbound } from "./outbound.js";
import { Silence } from "./silence.js";

/** What the actor is built from. */
export interface ActorOptions {
  readonly config: ResilienceConfig;
  /** The leaf with the connect layers and the heartbeat around it. */
  readonly connector: (hooks: HeartbeatHooks) => WsConnector;
  readonly handshake: Handshake;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly trace: (event: TraceEvent) => void;
  readonly supervisor: Supervisor;
}

/**
 * The thin shell around the supervisor: it alone owns the socket, and everything it does happens in
 * its own turns, but for frames, which the socket's turn puts into the receive buffer. A turn
 * counts what arrived, takes the mail, lets time do its work, wakes the reader, and sets one alarm
 * for the next deadline.
 */
export class ConnectionActor implements Task, HeartbeatHooks, LinkOwner {
  readonly lifecycle: LifecycleWatch;
  readonly sends: SendQueue;
  readonly outbound: Outbound;
  readonly #connector: WsConnector;
  readonly #handshake: Handshake;
  readonly #timer: Timer;
  readonly #trace: (event: TraceEvent) => void;
  readonly #supervisor: Supervisor;
  readonly #silence: Silence;
  readonly #recv: RecvBuffer;
  readonly #inbound: Inbound;
  readonly #alarm: Alarm;
  #wake: () => void = () => undefined;
  #mail: Mail[] = [];
  #link: Link | undefined;
  #dial: Link | undefined;
  /** Something arrived since the last turn. */
  #hasArrived = false;
  #turnedAt = 0;
  #failure: WsError | undefined;

  constructor(options: ActorOptions) {
    this.#handshake = options.handshake;
    this.#timer = options.timer;
    this.#trace = options.trace;
    this.#supervisor = options.supervisor;
    this.#recv = new RecvBuffer(options.config.buffer);
    this.#inbound = new Inbound(this.#recv);
    const wake = (): void => this.#wake();
    this.#alarm = new Alarm(options.timer, wake);
    const { send, liveness } = options.config;
    this.sends = new SendQueue(send, options.timer, wake, options.trace);
    this.outbound = new Outbound(liveness, this.sends, options.trace);
    this.#silence = new Silence(liveness, options.timer, this.outbound, options.trace);
    this.#connector = options.connector(this);
    this.lifecycle = new LifecycleWatch({
      initial: options.supervisor.snapshot,
      activity: this.#inbound,
      timer: options.timer,
      spawn: options.spawn,
      onListenerError: (error) =>
        this.#trace({ kind: "fault", at: this.#timer.now(), where: "listener", error }),
    });
  }

  /** What ended the connection, if it was not asked to end. */
  get failure(): WsError | undefined {
    return this.#failure;
  }

  get source(): RecvBuffer["source"] {
    return this.#recv.source;
  }

  get protocol(): string {
    return this.#inbound.protocol;
  }

  /** Queues an input for the next turn. */
  tell(input: SupervisorInput): void {
    this.#post({ kind: "input", input });
  }

  pong(leave: () => void): void {
    this.sends.pong(leave);
  }

  ponged(payload: Uint8Array): void {
    this.outbound.ponged(payload, this.#inbound.lastInboundAt ?? this.#timer.now());
  }

  opened(link: Link): void {
    this.#post({ kind: "opened", link });
  }

  /** Wakes the actor only where that makes a difference: bytes alone are not yet a frame. */
  read(at: number): void {
    this.#inbound.lastInboundAt = at;
    if (this.#supervisor.state === "stale") this.arrived();
  }

  /**
   * Called in the socket's own turn, with every frame. Reactions, and the reader, wait for the
   * actor's turn: one for a whole read.
   */
  arrived(): void {
    if (this.#hasArrived) return;
    this.#hasArrived = true;
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
      this.#turn();
    } catch (error) {
      this.#crash(error);
    }
    return isTerminal(this.lifecycle.snapshot.phase) ? "done" : "pending";
  }

  #turn(): void {
    const now = (this.#turnedAt = this.#clock());
    const rung = this.#alarm.taken(now);
    // Frames first: what a socket brought before it ended counts before its end does.
    this.#received(now);
    const mail = this.#mail;
    this.#mail = [];
    for (const item of mail) this.#open(item, now);
    if (mail.length > 0) this.#received(now);
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
      const readAt = this.#link?.readAt;
      if (readAt !== undefined && readAt >= this.#turnedAt) return readAt;
    }
    return this.#timer.now();
  }

  #open(mail: Mail, now: number): void {
    switch (mail.kind) {
      case "input":
        this.#step(mail.input, now);
        return;
      case "opened":
        if (this.#dial === mail.link) this.#step({ kind: "opened" }, now);
        return;
      case "dialFailed":
        if (this.#dial !== mail.link) return;
        this.#dial = undefined;
        this.#failed(mail.error, now);
        return;
      case "closed":
        // While the owner's close is under way this is its answer.
        if (this.#link !== mail.link || this.#supervisor.state === "closing") return;
        this.#failed(mail.error, now);
        return;
      case "ended":
        if (this.#link !== mail.link) return;
        if (this.#supervisor.state === "closing") this.#step({ kind: "gone" }, now);
        else this.#failed(mail.error, now);
        return;
      default:
        mail satisfies never;
    }
  }

  #step(input: SupervisorInput, now: number): void {
    const actions = this.#supervisor.step(input, now);
    this.#publish();
    for (const action of actions) this.#perform(action, now);
  }

  #failed(error: WsError, now: number): void {
    this.#step({ kind: "failed", error }, now);
  }

  #perform(action: Action, now: number): void {
    switch (action.kind) {
      case "dial":
        this.#startDial(action.attempt, action.lastError, now);
        return;
      case "abort":
        this.#giveUpDial(shutDown());
        return;
      case "adopt":
        this.#adopt(action.epoch, now);
        return;
      case "drop":
        this.#drop(action.error);
        return;
      case "hangUp":
        this.#hangUp();
        return;
      case "finish":
        this.#finish(action.error);
        return;
      default:
        action satisfies never;
    }
  }

  #startDial(attempt: number, lastError: WsError | undefined, now: number): void {
    const link = new Link(attempt, this, this.#inbound, this.#timer);
    this.#dial = link;
    this.#trace({ kind: "attempt", at: now, attempt, url: redactUrl(this.#handshake.url) });
    this.#connector
      .connect(this.#handshake, link, { signal: link.controller.signal, attempt, lastError })
      // Only the failure is news: an open connection is told by its events.
      .catch((error: unknown) => {
        const failure = asWsError(error, {
          code: "CONNECT_FAILED",
          message: "the connector failed",
        });
        this.#post({ kind: "dialFailed", link, error: failure });
      });
  }

  #giveUpDial(reason: WsError): void {
    const dial = this.#dial;
    this.#dial = undefined;
    dial?.controller.abort(reason);
    dial?.retire();
  }

  #adopt(epoch: number, now: number): void {
    const link = this.#dial;
    this.#dial = undefined;
    this.#link = link;
    this.#inbound.lastInboundAt = now;
    const connection = link?.adopt(epoch);
    if (connection === undefined) return;
    this.#silence.opened(now);
    this.outbound.opened(epoch, connection, now);
  }

  /** What the socket had read is in the receive buffer already. */
  #drop(error: WsError | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.outbound.ended(error);
    link.retire();
  }

  #hangUp(): void {
    this.sends.shut(shutDown);
    const { code, reason } = this.sends.closeFrame;
    this.#link?.hangUp(code, reason);
  }

  #finish(error: WsError | undefined): void {
    this.#failure = error;
    this.#dial = undefined;
    this.sends.shut(() => (error === undefined ? shutDown() : gaveUp(error)));
    this.#recv.end(error);
  }

  /** Counts what arrived since the last turn. */
  #received(now: number): void {
    const lag = takeLag(this.#recv, this.#supervisor, now);
    if (lag !== undefined) {
      this.#publish();
      this.#trace(lag);
    }
    if (!this.#hasArrived) return;
    this.#hasArrived = false;
    if (this.#link !== undefined) this.#heard(now);
  }

  #heard(at: number): void {
    this.#silence.heard(at);
    if (this.#supervisor.state === "stale") this.#step({ kind: "alive" }, at);
  }

  #advance(now: number, rung: { readonly lateMs: number } | undefined): void {
    this.#stepDue(now);
    if (this.#isUp() && rung !== undefined) this.#judgeSilence(now, rung.lateMs);
    const stall = this.#isUp() ? this.outbound.judge(now, rung !== undefined) : undefined;
    if (stall !== undefined) this.#failed(stall, now);
    this.sends.advance(now, rung !== undefined);
  }

  /**
   * After a backoff comes the gate, whose slot may be free: then the attempt begins in this turn,
   * not a trip through the event loop later.
   */
  #stepDue(now: number): void {
    const { state, nextDeadline } = this.#supervisor;
    if (nextDeadline === undefined || now < nextDeadline) return;
    this.#step({ kind: "due" }, now);
    if (this.#supervisor.state !== state) this.#stepDue(now);
  }

  #judgeSilence(now: number, lateMs: number): void {
    const inboundAt = this.#inbound.lastInboundAt;
    // A message too large for one turn is on its way: its bytes are life, though no frame is
    // complete.
    if (inboundAt !== undefined && inboundAt > this.#silence.since) this.#heard(inboundAt);
    const input = this.#silence.judge(now, lateMs);
    if (input !== undefined) this.#step(input, now);
  }

  #isUp(): boolean {
    return this.#supervisor.state === "up" || this.#supervisor.state === "stale";
  }

  #nextDeadline(): number | undefined {
    if (isTerminal(this.lifecycle.snapshot.phase)) return undefined;
    const deadline = earliest(this.#supervisor.nextDeadline, this.sends.nextDeadline);
    if (!this.#isUp()) return deadline;
    return earliest(earliest(deadline, this.#silence.nextDeadline), this.outbound.nextDeadline);
  }

  #publish(): void {
    const { snapshot } = this.#supervisor;
    if (snapshot !== this.lifecycle.snapshot) this.lifecycle.publish(snapshot);
  }

  #post(mail: Mail): void {
    this.#mail.push(mail);
    this.#wake();
  }

  /**
   * A fault of this program, or of a leaf that throws: loud and final, never a feed that is
   * silently dead.
   */
  #crash(error: unknown): void {
    const now = this.#timer.now();
    const fault = asWsError(error, { code: "INTERNAL", message: "the connection actor failed" });
    const last = this.lifecycle.snapshot;
    this.lifecycle.publish({
      ...last,
      phase: "unrecoverable",
      downSince: last.downSince ?? now,
      cause: fault,
    });
    const link = this.#link;
    this.#link = undefined;
    this.outbound.ended(fault);
    this.#finish(fault);
    this.#alarm.set(undefined);
    try {
      this.#giveUpDial(fault);
      link?.retire();
    } catch {
      // The leaf may be broken in this as well; all callers were told of the first fault.
    }
  }
}
