import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type {
  Frame,
  Lifecycle,
  LifecycleSnapshot,
  Spawn,
  Timer,
  WsConnection,
  WsError,
  WsSink,
  WsSource,
} from "@oath-ws/contract";
import {
  FrameQueue,
  INITIAL_SNAPSHOT,
  LifecycleWatch,
  peerClosed,
  socketLost,
} from "@oath-ws/resilience";
import type { Activity, InboundFrame } from "@oath-ws/resilience";
import type { FrameSocket, FrameSocketEvents } from "./frame-socket.js";
import { fromNodeError } from "../errors/from-node-error.js";
import { SendHalf } from "./send-half.js";

/** What the connections of a connector have in common. */
export interface LeafConnectionOptions {
  readonly closeTimeoutMs: number;
  readonly timer: Timer;
  readonly spawn: Spawn;
}

const CONNECTED: LifecycleSnapshot = Object.freeze({
  ...INITIAL_SNAPSHOT,
  phase: "connected",
  epoch: 1,
  attempts: 1,
});

/**
 * One connection over an open socket, `ws`'s or our own. Two ends are kept apart: nothing more will
 * be *received* (a close frame, a violation, a lost socket, `destroy`), which ends the source and
 * the lifecycle at once; and the socket is *gone*, which may come later and settles the sends and
 * `close()`. Between the two a timer runs, so that the second always follows the first.
 */
export class LeafConnection implements WsConnection, FrameSocketEvents {
  readonly source: WsSource<Frame>;
  readonly controlFrames = true;
  readonly #socket: FrameSocket;
  readonly #options: LeafConnectionOptions;
  readonly #queue = new FrameQueue<Frame>();
  readonly #activity = new SocketActivity();
  readonly #watch: LifecycleWatch;
  readonly #sendHalf: SendHalf;
  /** The owner asked for the end, so however the socket then dies, it is no failure. */
  #endedByOwner = false;
  #receivingEnded = false;
  #streamError: WsError | undefined = undefined;
  #cancelDrop: (() => void) | undefined = undefined;

  /**
   * @param socket open, and not read from yet: nothing may have happened between its opening and
   *   this
   * @param stream the one below it
   */
  constructor(socket: FrameSocket, stream: Duplex, options: LeafConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#watch = new LifecycleWatch({
      initial: CONNECTED,
      activity: this.#activity,
      timer: options.timer,
      spawn: options.spawn,
      onListenerError: warnOfListener,
    });
    this.#sendHalf = new SendHalf(socket, stream, this);
    this.source = this.#queue.source;
    socket.listen(this);
  }

  get sink(): WsSink {
    return this.#sendHalf;
  }

  get lifecycle(): Lifecycle {
    return this.#watch;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  destroy(): void {
    this.#endedByOwner = true;
    this.#endReceiving(undefined, undefined);
    this.#sendHalf.rejectPending(undefined);
    this.#socket.terminate();
  }

  /**
   * Every read is stamped, and a frame takes the stamp of its read: one look at the clock per read,
   * and exact also for a message of many.
   */
  onRead(): void {
    this.#activity.lastInboundAt = this.#options.timer.now();
  }

  onMessage(frame: InboundFrame): void {
    if (this.#receivingEnded) return;
    // Once per read: a pointer that is stored from an old object to a young one costs more than to
    // look.
    const activity = this.#activity;
    if (activity.lastDataAt !== activity.lastInboundAt)
      activity.lastDataAt = activity.lastInboundAt;
    this.#queue.push(frame);
  }

  onPing(data: Buffer): void {
    if (!this.#receivingEnded) this.#queue.push({ kind: "ping", data });
  }

  onPong(data: Buffer): void {
    if (!this.#receivingEnded) this.#queue.push({ kind: "pong", data });
  }

  onPeerClose(code: number, reason: Buffer): void {
    if (this.#receivingEnded) return;
    this.#queue.push({ kind: "close", data: reason, code });
    this.#endReceiving(undefined, this.#endedByOwner ? undefined : peerClosed(code, reason));
    this.#dropLater();
  }

  onViolation(error: Error): void {
    const failure = this.#endedByOwner
      ? undefined
      : fromNodeError(error, "the peer broke the protocol");
    this.#endReceiving(failure, failure);
    this.#dropLater();
  }

  onStreamError(error: Error): void {
    this.#streamError ??= fromNodeError(error, "the connection was lost");
  }

  /**
   * Without a close frame before it, `ws` would wait for our writes to drain into a peer that has
   * left.
   */
  onStreamEnd(): void {
    if (!this.#receivingEnded) this.#socket.terminate();
  }

  /** The socket is gone, and what it had read is parsed. */
  onGone(code: number, reason: Buffer): void {
    if (code !== 1006) this.onPeerClose(code, reason);
    const failure = this.#endedByOwner ? undefined : (this.#streamError ?? socketLost());
    this.#endReceiving(failure, failure);
    this.#sendHalf.gone(this.#streamError);
    this.#cancelDrop?.();
  }

  /** The owner wants the closing handshake. */
  closing(): void {
    this.#endedByOwner = true;
    this.#dropLater();
  }

  /**
   * Nothing more will be received. The first call counts.
   *
   * @param failure what the source's reader gets; `undefined` for a clean end
   * @param cause what the lifecycle says
   */
  #endReceiving(failure: WsError | undefined, cause: WsError | undefined): void {
    if (this.#receivingEnded) return;
    this.#receivingEnded = true;
    this.#sendHalf.end();
    // The lifecycle goes first: whoever sees the end of the source finds it closed.
    this.#watch.publish({
      ...this.#watch.snapshot,
      phase: "closed",
      downSince: this.#options.timer.now(),
      cause,
    });
    this.#queue.end(failure);
  }

  /**
   * Bounds every closing handshake. `ws` has a timer of its own for that, which is set out of
   * reach: one clock decides.
   */
  #dropLater(): void {
    if (this.#sendHalf.isGone) return;
    this.#cancelDrop ??= this.#options.timer.schedule(this.#options.closeTimeoutMs, () =>
      this.#socket.terminate(),
    );
  }
}

/** The clock of one socket. There is only one epoch here, so data is never of another. */
class SocketActivity implements Activity {
  lastDataAt: number | undefined;
  lastInboundAt: number | undefined;
  readonly dataEpoch = 1;
}

/**
 * A bare connection has no tracer; a listener that throws must be heard of all the same, and must
 * not end the feed.
 */
function warnOfListener(error: unknown): void {
  const detail = error instanceof Error ? error.stack : undefined;
  process.emitWarning("a lifecycle listener threw", {
    type: "OathWsWarning",
    code: "OATH_WS_LISTENER_THREW",
    ...(detail === undefined ? {} : { detail }),
  });
}
