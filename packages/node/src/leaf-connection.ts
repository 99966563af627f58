import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Frame, Lifecycle, Spawn, Timer, WsConnection, WsError, WsSink, WsSource } from "@oath-ws/contract";
import {
  BytesFrame,
  FrameQueue,
  InboundFrame,
  INITIAL_SNAPSHOT,
  LifecycleWatch,
  peerClosed,
  socketLost,
} from "@oath-ws/resilience";
import type { Activity } from "@oath-ws/resilience";
import type { CloseFrameSource, FrameSocket, ReadSource } from "./frame-socket.js";
import { fromNodeError } from "./from-node-error.js";
import { SendHalf } from "./send-half.js";

/** What one established connection is made of. */
export interface LeafConnectionOptions {
  /** Open, and not read from yet: nothing may have happened between its `open` event and this. */
  readonly ws: FrameSocket;
  /** Who tells of its reads. Without it they are taken to be the `'data'` of the stream. */
  readonly reads?: ReadSource | undefined;
  /** Who tells of the peer's close frame first. Without it the leaf hears of the frame when TCP has ended. */
  readonly closeFrames: CloseFrameSource | undefined;
  /** The stream below it. */
  readonly socket: Duplex;
  readonly closeTimeoutMs: number;
  readonly timer: Timer;
  readonly spawn: Spawn;
}

/**
 * One connection over an open socket, `ws`'s or our own. Two ends are kept apart: nothing more will be *received* (a close frame, a violation, a lost
 * socket, `destroy`), which ends the source and the lifecycle at once; and the socket is *gone*, which may come later and
 * settles the sends and `close()`. Between the two a timer runs, so that the second always follows the first.
 */
export class LeafConnection implements WsConnection {
  readonly sink: WsSink;
  readonly source: WsSource<Frame>;
  readonly lifecycle: Lifecycle;
  readonly protocol: string;
  readonly controlFrames = true;
  readonly #ws: FrameSocket;
  readonly #socket: Duplex;
  readonly #timer: Timer;
  readonly #closeTimeoutMs: number;
  readonly #queue = new FrameQueue<Frame>();
  readonly #activity = new SocketActivity();
  readonly #watch: LifecycleWatch;
  readonly #sendHalf: SendHalf;
  readonly #resolveGone: () => void;
  /** The owner asked for the end, so however the socket then dies, it is no failure. */
  #endedByOwner = false;
  #receivingEnded = false;
  #gone = false;
  #socketError: WsError | undefined;
  #cancelDrop: (() => void) | undefined;

  constructor(options: LeafConnectionOptions) {
    this.#ws = options.ws;
    this.#socket = options.socket;
    this.#timer = options.timer;
    this.#closeTimeoutMs = options.closeTimeoutMs;
    let resolveGone = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      resolveGone = resolve;
    });
    this.#resolveGone = resolveGone;
    this.#watch = new LifecycleWatch({
      initial: Object.freeze({ ...INITIAL_SNAPSHOT, phase: "connected", epoch: 1, attempts: 1 }),
      activity: this.#activity,
      timer: options.timer,
      spawn: options.spawn,
      onListenerError: warnOfListener,
    });
    this.#sendHalf = new SendHalf({ ws: this.#ws, socket: this.#socket, gone, onClose: () => this.#beginClose() });
    this.sink = this.#sendHalf;
    this.source = this.#queue.source;
    this.lifecycle = this.#watch;
    this.protocol = this.#ws.protocol;
    this.#listen(options);
  }

  destroy(): void {
    this.#endedByOwner = true;
    this.#endReceiving(undefined, undefined);
    this.#sendHalf.rejectPending(undefined);
    this.#ws.terminate();
  }

  #listen({ ws, socket, reads, closeFrames }: LeafConnectionOptions): void {
    // Every read is stamped before it is parsed, and a frame takes the stamp of its read: one look at the clock per read, and
    // exact also for a message that takes many. Prepended, not `on`: it must come before the listener of `ws`.
    if (reads === undefined) socket.prependListener("data", this.#onRead);
    else reads.on("read", this.#onRead);
    // `ws` keeps the reason of a socket's death to itself and says 1006.
    socket.on("error", this.#onSocketError);
    socket.on("end", this.#onSocketEnd);
    ws.on("message", this.#onMessage);
    ws.on("ping", this.#onPing);
    ws.on("pong", this.#onPong);
    ws.on("error", this.#onViolation);
    ws.on("close", this.#onGone);
    // In public `ws` tells of the peer's close frame only when TCP has ended too, which takes as long as the peer likes. Its receiver
    // says "conclude" in the moment the frame is parsed. Should that ever change, `#onGone` still delivers the frame, late, and
    // the tests say so.
    closeFrames?.on("conclude", this.#onPeerClose);
  }

  readonly #onRead = (): void => {
    this.#activity.lastInboundAt = this.#timer.now();
  };

  readonly #onMessage = (message: unknown, isBinary?: boolean): void => {
    if (this.#receivingEnded) return;
    this.#activity.lastDataAt = this.#activity.lastInboundAt;
    if (message instanceof InboundFrame) this.#queue.push(message);
    // `binaryType` is left at "nodebuffer", so this is one Buffer.
    else this.#queue.push(new BytesFrame(isBinary === true ? "binary" : "text", message as Buffer));
  };

  readonly #onPing = (data: Buffer): void => {
    if (!this.#receivingEnded) this.#queue.push({ kind: "ping", data });
  };

  readonly #onPong = (data: Buffer): void => {
    if (!this.#receivingEnded) this.#queue.push({ kind: "pong", data });
  };

  /** `ws` has begun to answer the close frame. */
  readonly #onPeerClose = (code: number, reason: Buffer): void => {
    if (this.#receivingEnded) return;
    this.#queue.push({ kind: "close", data: reason, code });
    this.#endReceiving(undefined, this.#endedByOwner ? undefined : peerClosed(code, reason));
    this.#dropLater();
  };

  /** The only errors after `open` are violations by the peer; `ws` has begun to close with the fitting code. */
  readonly #onViolation = (error: Error): void => {
    const failure = this.#endedByOwner ? undefined : fromNodeError(error, "the peer broke the protocol");
    this.#endReceiving(failure, failure);
    this.#dropLater();
  };

  readonly #onSocketError = (error: Error): void => {
    this.#socketError ??= fromNodeError(error, "the connection was lost");
  };

  /** The peer ended TCP. Without a close frame before it, `ws` would wait for our writes to drain into a peer that has left. */
  readonly #onSocketEnd = (): void => {
    if (!this.#receivingEnded) this.#ws.terminate();
  };

  /** The socket is gone, and what it had read is parsed. */
  readonly #onGone = (code: number, reason: Buffer): void => {
    if (code !== 1006) this.#onPeerClose(code, reason);
    const failure = this.#endedByOwner ? undefined : (this.#socketError ?? socketLost());
    this.#endReceiving(failure, failure);
    this.#sendHalf.rejectPending(this.#socketError);
    this.#gone = true;
    this.#cancelDrop?.();
    this.#unlisten();
    this.#resolveGone();
  };

  #unlisten(): void {
    this.#ws.removeAllListeners();
    this.#socket.off("data", this.#onRead);
    this.#socket.off("end", this.#onSocketEnd);
    // An "error" that nobody listens to is thrown, so these two keep a listener for ever.
    this.#ws.on("error", ignore);
    this.#socket.on("error", ignore);
    this.#socket.off("error", this.#onSocketError);
  }

  #beginClose(): void {
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
    this.#watch.publish({ ...this.#watch.snapshot, phase: "closed", downSince: this.#timer.now(), cause });
    this.#queue.end(failure);
  }

  /** Bounds every closing handshake. `ws` has a timer of its own for that, which is set out of reach: one clock decides. */
  #dropLater(): void {
    if (this.#gone) return;
    this.#cancelDrop ??= this.#timer.schedule(this.#closeTimeoutMs, () => this.#ws.terminate());
  }
}

/** The clock of one socket. There is only one epoch here, so data is never of another. */
class SocketActivity implements Activity {
  lastDataAt: number | undefined;
  lastInboundAt: number | undefined;
  readonly dataEpoch = 1;
}

/** A bare connection has no tracer; a listener that throws must be heard of all the same, and must not end the feed. */
function warnOfListener(error: unknown): void {
  const detail = error instanceof Error ? error.stack : undefined;
  process.emitWarning("a lifecycle listener threw", {
    type: "OathWsWarning",
    code: "OATH_WS_LISTENER_THREW",
    ...(detail === undefined ? {} : { detail }),
  });
}

function ignore(): void {}
