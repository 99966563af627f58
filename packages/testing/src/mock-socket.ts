import { WsError } from "@oath-ws/contract";
import type { CloseFrame, Frame, SendOptions, Spawn, WsConnection } from "@oath-ws/contract";
import {
  FrameQueue,
  INITIAL_SNAPSHOT,
  LifecycleWatch,
  peerClosed,
  socketLost,
} from "@oath-ws/resilience";
import type { NetworkTimer } from "./network-timer.js";
import { closeFrame, outgoingFrame } from "./outgoing.js";
import { Outbox } from "./outbox.js";

/** What a {@link MockSocket} needs from the mock connector and its peer. */
export interface MockSocketOptions {
  readonly timer: NetworkTimer;
  readonly spawn: Spawn;
  readonly protocol: string;
  readonly controlFrames: boolean;
  /** How long `sink.close()` waits for the peer's close frame, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** A frame of the client left for the peer. */
  readonly onLeave: (frame: Frame) => void;
  /**
   * The socket is gone; once. `byClient`: it was dropped from here, without a complete closing
   * handshake.
   */
  readonly onEnd: (byClient: boolean) => void;
  readonly onListenerError: (error: unknown) => void;
}

/** How a socket ends. */
interface Ending {
  /** What the reader gets after the last frame; a clean end without. */
  readonly error?: WsError | undefined;
  /** What the lifecycle shows; `undefined` when the client wanted the end. */
  readonly cause?: WsError | undefined;
  readonly byClient: boolean;
}

/**
 * One socket of a mock connection as the client's leaf would run it. The peer's hand works on it
 * through `receive` and its siblings.
 */
export class MockSocket {
  /** What `connect` resolves with. */
  readonly connection: WsConnection;
  readonly #options: MockSocketOptions;
  readonly #queue = new FrameQueue<Frame>();
  readonly #watch: LifecycleWatch;
  readonly #activity: {
    lastDataAt: number | undefined;
    lastInboundAt: number | undefined;
    readonly dataEpoch: 1;
  } = {
    lastDataAt: undefined,
    lastInboundAt: undefined,
    dataEpoch: 1,
  };
  readonly #outbox: Outbox;
  /** Settles every `close()` of the client; set by the first. */
  #closing: { readonly gone: Promise<void>; readonly settle: () => void } | undefined;
  #ended = false;

  constructor(options: MockSocketOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.onLeave);
    this.#watch = new LifecycleWatch({
      initial: Object.freeze({ ...INITIAL_SNAPSHOT, phase: "connected", epoch: 1, attempts: 1 }),
      activity: this.#activity,
      timer: options.timer,
      spawn: options.spawn,
      onListenerError: options.onListenerError,
    });
    this.connection = {
      sink: {
        send: (frame, sendOptions) => this.#send(frame, sendOptions),
        close: (code, reason) => this.#close(code, reason),
      },
      source: this.#queue.source,
      lifecycle: this.#watch,
      protocol: options.protocol,
      controlFrames: options.controlFrames,
      destroy: () => this.#end({ byClient: true }),
    };
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The peer does not read: what the client sends waits. */
  block(): void {
    this.#outbox.block();
  }

  unblock(): void {
    this.#outbox.unblock();
  }

  /** Bytes arrive that complete no frame. */
  receiveBytes(): void {
    if (!this.#ended) this.#activity.lastInboundAt = this.#options.timer.now();
  }

  /** A frame of the peer arrives. Its close frame is answered, and ends the connection. */
  receive(frame: Frame): void {
    if (this.#ended) return;
    const isControl = frame.kind === "ping" || frame.kind === "pong";
    this.receiveBytes();
    if (isControl && !this.#options.controlFrames) {
      // The platform under such a leaf sees to them.
      if (frame.kind === "ping")
        this.#outbox.send({ kind: "pong", data: frame.data }).catch(() => {});
      return;
    }
    if (frame.kind === "text" || frame.kind === "binary") {
      this.#activity.lastDataAt = this.#activity.lastInboundAt;
    }
    this.#queue.push(frame);
    if (frame.kind === "close") this.#endedByPeer(frame);
  }

  /** The socket dies without a close frame. */
  fail(error: WsError): void {
    this.#end({ error, cause: error, byClient: false });
  }

  #endedByPeer(frame: CloseFrame): void {
    if (this.#closing !== undefined) {
      this.#end({ byClient: false });
      return;
    }
    // RFC 6455 section 5.5.1: the answer carries the code that came. It may get stuck behind sends
    // that the peer does not read.
    this.#outbox.send(frame).catch(() => {});
    this.#end({ cause: peerClosed(frame.code, frame.data), byClient: false });
  }

  #send(input: Frame | string | Uint8Array, options: SendOptions | undefined): Promise<void> {
    try {
      const frame = outgoingFrame(input, this.#options.controlFrames);
      if (this.#closing !== undefined) throw sinkClosed();
      if (this.#ended) throw notConnected();
      return this.#outbox.send(frame, options?.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #close(code = 1000, reason = ""): Promise<void> {
    try {
      const frame = closeFrame(code, reason);
      this.#closing ??= this.#startClosing(frame);
      return this.#closing.gone;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #startClosing(frame: CloseFrame): { gone: Promise<void>; settle: () => void } {
    if (this.#ended) return { gone: Promise.resolve(), settle: () => {} };
    const cancel = this.#options.timer.schedule(this.#options.closeTimeoutMs, () =>
      this.#end({ byClient: true }),
    );
    let settle = (): void => {};
    const gone = new Promise<void>((resolve) => {
      settle = () => {
        cancel();
        resolve();
      };
    });
    this.#outbox.send(frame).catch(() => {});
    return { gone, settle };
  }

  #end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    const { error, cause, byClient } = ending;
    this.#queue.end(error);
    const downSince = this.#options.timer.now();
    this.#watch.publish({ ...this.#watch.snapshot, phase: "closed", downSince, cause });
    this.#outbox.fail(fateUnknown(cause ?? socketLost()));
    this.#closing?.settle();
    this.#options.onEnd(byClient);
  }
}

function sinkClosed(): WsError {
  return new WsError({
    kind: "client",
    code: "SINK_CLOSED",
    message: "the sink was closed by its owner",
  });
}

/** As a real leaf puts it, which cannot see whether the frame left. */
function fateUnknown(cause: WsError): WsError {
  const message = "the connection ended before the frame was known to have left";
  return new WsError({ kind: "connection", code: "SEND_FATE_UNKNOWN", message, cause });
}

function notConnected(): WsError {
  return new WsError({
    kind: "connection",
    code: "NOT_CONNECTED",
    message: "the connection has ended",
  });
}
