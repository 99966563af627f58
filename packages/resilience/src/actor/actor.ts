import type {
  Handshake,
  Spawn,
  Task,
  Timer,
  TraceEvent,
  WsConnection,
  WsConnector,
  WsError,
} from "@oath-ws/contract";
import { isTerminal, redactUrl } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { Liveness } from "../core/liveness.js";
import type { Action, Supervisor, SupervisorInput } from "../core/supervisor.js";
import { asWsError } from "../primitives/as-ws-error.js";
import { cancelController } from "../primitives/cancel.js";
import type { CancelController } from "../primitives/cancel.js";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
import { RecvBuffer } from "./recv-buffer.js";
import { SendQueue } from "./send-queue.js";
import { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import { Alarm, earliest } from "../primitives/alarm.js";
import { peerClosed, socketLost } from "../primitives/leaf-errors.js";
import { gaveUp, peerSilent, shutDown } from "./failures.js";
import { Inbound } from "./inbound.js";
import { Link } from "./link.js";
import type { Mail } from "./mail.js";

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
 * its own turns. A turn takes the mail, drains the socket into the receive buffer, lets time do its
 * work, and sets one alarm for the next deadline.
 */
export class ConnectionActor implements Task, HeartbeatHooks {
  readonly lifecycle: LifecycleWatch;
  readonly sends: SendQueue;
  readonly #config: ResilienceConfig;
  readonly #connector: WsConnector;
  readonly #handshake: Handshake;
  readonly #timer: Timer;
  readonly #trace: (event: TraceEvent) => void;
  readonly #supervisor: Supervisor;
  readonly #liveness: Liveness;
  readonly #recv: RecvBuffer;
  readonly #inbound: Inbound;
  readonly #alarm: Alarm;
  #wake: () => void = () => undefined;
  #mail: Mail[] = [];
  #link: Link | undefined;
  #dial: { readonly attempt: number; readonly controller: CancelController } | undefined;
  /** The socket has something, or something arrived since the last turn. */
  #readable = false;
  #awaitingReadable: Link | undefined;
  #turnedAt = 0;
  #failure: WsError | undefined;

  constructor(options: ActorOptions) {
    this.#config = options.config;
    this.#handshake = options.handshake;
    this.#timer = options.timer;
    this.#trace = options.trace;
    this.#supervisor = options.supervisor;
    this.#liveness = new Liveness(options.config.liveness);
    this.#recv = new RecvBuffer(options.config.buffer);
    this.#inbound = new Inbound(this.#recv, options.timer, this);
    const wake = (): void => this.#wake();
    this.#alarm = new Alarm(options.timer, wake);
    this.sends = new SendQueue(options.config.send, options.timer, wake);
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

  charge(): void {
    this.sends.charge();
  }

  /**
   * Called in the socket's own turn, with every frame. Reactions, and the reader, wait for the
   * actor's turn: one for a whole read.
   */
  arrived(): void {
    if (this.#readable) return;
    this.#readable = true;
    this.#wake();
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
    this.#pump(now);
    const mail = this.#mail;
    this.#mail = [];
    for (const item of mail) this.#open(item, now);
    if (mail.length > 0) this.#pump(now);
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
    if (this.#readable && this.#mail.length === 0 && !this.#alarm.isRung && this.sends.isIdle) {
      const readAt = this.#link?.lifecycle.lastInboundAt;
      if (readAt !== undefined && readAt >= this.#turnedAt) return readAt;
    }
    return this.#timer.now();
  }

  #open(mail: Mail, now: number): void {
    switch (mail.kind) {
      case "input":
        this.#step(mail.input, now);
        return;
      case "dialled":
        if (this.#dial?.attempt === mail.attempt)
          this.#step({ kind: "opened" }, now, mail.connection);
        else mail.connection.destroy();
        return;
      case "dialFailed":
        if (this.#dial?.attempt === mail.attempt)
          this.#step({ kind: "failed", error: mail.error }, now);
        return;
      case "ended":
        if (this.#link?.epoch === mail.epoch)
          this.#step({ kind: "failed", error: mail.error }, now);
        return;
      case "hungUp":
        if (this.#link?.epoch === mail.epoch) this.#step({ kind: "gone" }, now);
        return;
      default:
        mail satisfies never;
    }
  }

  #step(input: SupervisorInput, now: number, connection?: WsConnection): void {
    const actions = this.#supervisor.step(input, now);
    this.#publish();
    for (const action of actions) this.#perform(action, now, connection);
  }

  #perform(action: Action, now: number, connection: WsConnection | undefined): void {
    switch (action.kind) {
      case "dial":
        this.#startDial(action.attempt, action.lastError, now);
        return;
      case "abort":
        this.#dial?.controller.abort(shutDown());
        this.#dial = undefined;
        return;
      case "adopt":
        if (connection !== undefined) this.#adopt(connection, action.epoch, now);
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
    const controller = cancelController();
    this.#dial = { attempt, controller };
    this.#trace({ kind: "attempt", at: now, attempt, url: redactUrl(this.#handshake.url) });
    this.#connector
      .connect(this.#handshake, { signal: controller.signal, attempt, lastError })
      .then(
        (connection) => {
          // Given up meanwhile, perhaps by an actor that takes no more turns.
          if (this.#dial?.attempt === attempt) this.#post({ kind: "dialled", attempt, connection });
          else connection.destroy();
        },
        (error: unknown) => {
          const failure = asWsError(error, {
            code: "CONNECT_FAILED",
            message: "the connector failed",
          });
          this.#post({ kind: "dialFailed", attempt, error: failure });
        },
      );
  }

  #adopt(connection: WsConnection, epoch: number, now: number): void {
    this.#dial = undefined;
    this.#link = new Link(epoch, connection);
    this.#readable = false;
    this.#inbound.opened(this.#link, now);
    this.#liveness.open(now, this.#timer.wallNow());
    this.sends.opened(epoch, connection.sink, now);
  }

  /** Takes what the socket still holds, then destroys it. */
  #drop(error: WsError | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#inbound.drain(link);
    this.#inbound.ended();
    this.#link = undefined;
    link.connection.destroy();
    this.sends.ended(error?.message ?? "the connection was shut down");
  }

  #hangUp(): void {
    const link = this.#link;
    this.sends.shut(shutDown);
    if (link === undefined) return;
    const done = (): void => this.#post({ kind: "hungUp", epoch: link.epoch });
    const { code, reason } = this.sends.closeFrame;
    link.connection.sink.close(code, reason).then(done, done);
  }

  #finish(error: WsError | undefined): void {
    this.#failure = error;
    this.#dial = undefined;
    this.sends.shut(() => (error === undefined ? shutDown() : gaveUp(error)));
    this.#recv.end(error);
  }

  /** Drains the socket; a close frame ends the connection. */
  #pump(now: number): void {
    const link = this.#link;
    if (link === undefined) return;
    const close = this.#inbound.drain(link);
    this.#publishLag(now);
    if (this.#readable) {
      this.#readable = false;
      this.#heard(now);
    }
    if (close !== undefined && this.#supervisor.state !== "closing") {
      this.#step({ kind: "failed", error: peerClosed(close.code, close.data) }, now);
    } else if (this.#awaitingReadable !== link) {
      this.#awaitReadable(link);
    }
  }

  #heard(at: number): void {
    this.#inbound.heard(at);
    this.#liveness.inbound(at);
    if (this.#supervisor.state === "stale") this.#step({ kind: "alive" }, at);
  }

  #awaitReadable(link: Link): void {
    this.#awaitingReadable = link;
    link.source.readable().then(
      (more) => {
        if (this.#awaitingReadable === link) this.#awaitingReadable = undefined;
        if (!more) {
          this.#post({ kind: "ended", epoch: link.epoch, error: socketLost() });
        } else if (this.#link === link) this.arrived();
      },
      (error: unknown) => {
        const failure = asWsError(error, { code: "SOCKET_LOST", message: "the connection failed" });
        this.#post({ kind: "ended", epoch: link.epoch, error: failure });
      },
    );
  }

  #advance(now: number, rung: { readonly lateMs: number } | undefined): void {
    this.#stepDue(now);
    if (this.#isUp() && rung !== undefined) this.#judgeSilence(now, rung.lateMs);
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
    if (inboundAt !== undefined && inboundAt > this.#liveness.silentSince) this.#heard(inboundAt);
    const silentMs = now - this.#liveness.silentSince;
    const verdict = this.#liveness.tick(now, this.#timer.wallNow(), lateMs);
    switch (verdict) {
      case "none":
      case "confirm":
        return;
      case "stalled":
        this.#trace({ kind: "stall", at: now, lateMs, slept: this.#liveness.slept });
        this.#probe(now, silentMs);
        return;
      case "probe":
        this.#probe(now, silentMs);
        return;
      case "stale":
        this.#step({ kind: "silent" }, now);
        return;
      case "dead":
        this.#step(
          { kind: "failed", error: peerSilent(silentMs, this.#config.liveness.deadAfterMs) },
          now,
        );
        return;
      default:
        verdict satisfies never;
    }
  }

  #probe(now: number, silentMs: number): void {
    if (this.#link?.probe() !== true) return;
    this.sends.charge();
    this.#trace({ kind: "probe", at: now, silentMs });
  }

  #isUp(): boolean {
    return this.#supervisor.state === "up" || this.#supervisor.state === "stale";
  }

  #nextDeadline(): number | undefined {
    if (isTerminal(this.lifecycle.snapshot.phase)) return undefined;
    const deadline = earliest(this.#supervisor.nextDeadline, this.sends.nextDeadline);
    return this.#isUp() ? earliest(deadline, this.#liveness.nextDeadline) : deadline;
  }

  /** At most one new snapshot per turn, however many frames were dropped in it. */
  #publishLag(now: number): void {
    const { totalLagged, totalLaggedBytes } = this.#recv;
    const before = this.#supervisor.snapshot;
    if (totalLagged === before.totalLagged) return;
    this.#supervisor.lagged(totalLagged, totalLaggedBytes);
    this.#publish();
    const frames = totalLagged - before.totalLagged;
    this.#trace({
      kind: "lag",
      at: now,
      frames,
      bytes: totalLaggedBytes - before.totalLaggedBytes,
    });
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
    this.#dial?.controller.abort(fault);
    const link = this.#link;
    this.#link = undefined;
    this.sends.ended(fault.message);
    this.#finish(fault);
    this.#alarm.set(undefined);
    try {
      link?.connection.destroy();
    } catch {
      // What is broken may be broken in this as well; everybody who waits has been told of the
      // first fault.
    }
  }
}
