import type { Frame, Lifecycle, WsConnection, WsSink, WsSource } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { FrameQueue, INITIAL_SNAPSHOT, LifecycleWatch } from "@oath-ws/resilience";
import type { Activity } from "@oath-ws/resilience";
import { encodeUtf8 } from "./utf8.js";
import type { ResolvedWebOptions } from "./web-connector-options.js";
import { WebSendHalf } from "./web-send-half.js";
import { giveUp } from "./web-socket-like.js";
import type { CloseEventLike, MessageEventLike, WebSocketLike } from "./web-socket-like.js";

/**
 * One connection over an open WHATWG socket. Nothing of the peer's end is seen before the
 * platform's `close` event, which comes when TCP is gone too; and after `destroy()` events of the
 * socket, which may live on, are nobody's.
 */
export class WebConnection implements WsConnection {
  readonly sink: WsSink;
  readonly source: WsSource<Frame>;
  readonly lifecycle: Lifecycle;
  readonly protocol: string;
  /** The platform answers pings by itself and shows neither pings nor pongs. */
  readonly controlFrames = false;
  readonly #ws: WebSocketLike;
  readonly #options: ResolvedWebOptions;
  readonly #queue = new FrameQueue<Frame>();
  readonly #activity = new MessageActivity();
  readonly #watch: LifecycleWatch;
  readonly #sendHalf: WebSendHalf;
  readonly #resolveGone: () => void;
  /** The owner asked for the end, so however the socket then dies, it is no failure. */
  #endedByOwner = false;
  #gone = false;
  #cancelGivingUp: (() => void) | undefined;

  /** @param ws open, and nothing happened since its `open` event */
  constructor(ws: WebSocketLike, options: ResolvedWebOptions) {
    this.#ws = ws;
    this.#options = options;
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
      onListenerError: logListenerError,
    });
    const { maxBufferedBytes } = options;
    this.#sendHalf = new WebSendHalf({
      ws,
      maxBufferedBytes,
      gone,
      onClose: () => this.#beginClose(),
    });
    this.sink = this.#sendHalf;
    this.source = this.#queue.source;
    this.lifecycle = this.#watch;
    this.protocol = ws.protocol;
    ws.addEventListener("message", this.#onMessage);
    ws.addEventListener("close", this.#onClose);
    // Told by `close` as well; but npm `ws` throws an "error" event that nobody listens to.
    ws.addEventListener("error", ignore);
  }

  destroy(): void {
    this.#endedByOwner = true;
    this.#end(undefined);
  }

  readonly #onMessage = (event: object): void => {
    const { maxMessageBytes, timer } = this.#options;
    this.#activity.lastAt = timer.now();
    const { data } = event as MessageEventLike;
    if (typeof data === "string") {
      // UTF-8 has at least one byte a UTF-16 unit, so what is surely too long is not even encoded.
      const bytes = data.length > maxMessageBytes ? undefined : encodeUtf8(data);
      if (bytes === undefined || bytes.length > maxMessageBytes)
        this.#fail(tooBig(maxMessageBytes));
      else this.#queue.push({ kind: "text", data: bytes });
      return;
    }
    const bytes = bytesOf(data);
    if (bytes === undefined) this.#fail(unreadable());
    else if (bytes.length > maxMessageBytes) this.#fail(tooBig(maxMessageBytes));
    else this.#queue.push({ kind: "binary", data: bytes });
  };

  readonly #onClose = (event: object): void => {
    const { code, reason, wasClean } = event as CloseEventLike;
    if (wasClean) {
      this.#queue.push({ kind: "close", data: encodeUtf8(reason), code });
      this.#end(undefined, this.#endedByOwner ? undefined : peerClosed(code, reason));
    } else {
      this.#end(this.#endedByOwner ? undefined : socketLost(code, reason));
    }
  };

  /**
   * What arrived cannot be accepted. The standard lets nobody but the platform send the close code
   * that says why.
   */
  #fail(failure: WsError): void {
    this.#end(this.#endedByOwner ? undefined : failure);
  }

  #beginClose(): void {
    this.#endedByOwner = true;
    if (this.#gone) return;
    this.#cancelGivingUp = this.#options.timer.schedule(this.#options.closeTimeoutMs, () =>
      this.destroy(),
    );
  }

  /**
   * Lets go of the socket, whatever becomes of it. The first call counts.
   *
   * @param failure what the source's reader gets; `undefined` for a clean end
   * @param cause what the lifecycle says
   */
  #end(failure: WsError | undefined, cause: WsError | undefined = failure): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#cancelGivingUp?.();
    this.#ws.removeEventListener("message", this.#onMessage);
    this.#ws.removeEventListener("close", this.#onClose);
    this.#sendHalf.end();
    // The lifecycle goes first: whoever sees the end of the source finds it closed.
    this.#watch.publish({
      ...this.#watch.snapshot,
      phase: "closed",
      downSince: this.#options.timer.now(),
      cause,
    });
    this.#queue.end(failure);
    this.#resolveGone();
    giveUp(this.#ws);
  }
}

/**
 * The clock of one socket: messages are all that the platform lets us see. There is only one epoch
 * here.
 */
class MessageActivity implements Activity {
  lastAt: number | undefined;
  readonly dataEpoch = 1;

  get lastDataAt(): number | undefined {
    return this.lastAt;
  }

  get lastInboundAt(): number | undefined {
    return this.lastAt;
  }
}

/** By tag, not by `instanceof`: the buffer may come from another realm. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]"
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}

function tooBig(maxMessageBytes: number): WsError {
  return new WsError({
    kind: "server",
    code: "MESSAGE_TOO_BIG",
    message: `a message was longer than ${maxMessageBytes} bytes (maxMessageBytes)`,
  });
}

function unreadable(): WsError {
  return new WsError({
    kind: "client",
    code: "FRAME_INVALID",
    message:
      'the WebSocket does not honour binaryType "arraybuffer": a binary message cannot be read',
  });
}

function peerClosed(code: number, reason: string): WsError {
  return new WsError({
    kind: "connection",
    code: "PEER_CLOSED",
    message: `the peer closed the connection with code ${code}`,
    close: { code, reason },
  });
}

/**
 * Usually 1006 (0 on Deno); any other code came from the peer all the same, before its TCP broke,
 * or is the platform's own complaint.
 */
function socketLost(reported: number, reason: string): WsError {
  const code = reported === 0 ? 1006 : reported;
  return new WsError({
    kind: "connection",
    code: "SOCKET_LOST",
    message: `the connection ended without a closing handshake (code ${code})`,
    close: { code, reason },
  });
}

/**
 * A bare connection has no tracer; a listener that throws must be heard of all the same, and must
 * not end the feed.
 */
function logListenerError(error: unknown): void {
  const { console } = globalThis as { console?: { error(...parts: readonly unknown[]): void } };
  console?.error("oath-ws: a lifecycle listener threw", error);
}

function ignore(): void {}
