// #region connector
import { urlFault, WsError } from "@oath-ws/contract";
import type {
  Frame,
  Handshake,
  SendOptions,
  Spawn,
  Timer,
  WsConnection,
  WsConnector,
} from "@oath-ws/contract";
import {
  closeFault,
  decodeUtf8,
  frameFault,
  FrameQueue,
  INITIAL_SNAPSHOT,
  LifecycleWatch,
} from "@oath-ws/resilience";
import type { PlatformDial, PlatformEvents, PlatformSocket } from "./platform-socket.js";

/** A leaf over a callback-style library. */
export function platformConnector(dial: PlatformDial, timer: Timer, spawn: Spawn): WsConnector {
  return {
    connect: (handshake, options) =>
      new Promise((resolve, reject) => {
        const fault = urlFault(handshake.url);
        if (fault !== undefined)
          throw new WsError({ kind: "client", code: "URL_INVALID", message: fault });
        const signal = options?.signal;
        if (signal?.aborted === true) return reject(signal.reason);

        // Everything that can arrive has its place before anything is dialled: nothing can come too
        // early.
        const connection = new PlatformConnection(dial, handshake, timer, spawn, (error) => {
          signal?.removeEventListener("abort", onAbort);
          if (error === undefined) resolve(connection);
          else reject(error);
        });
        const onAbort = (): void => {
          signal?.removeEventListener("abort", onAbort);
          connection.destroy();
          reject(signal?.reason); // the very reason that the caller gave
        };
        signal?.addEventListener("abort", onAbort);
      }),
  };
}
// #endregion

// #region connection
class PlatformConnection implements WsConnection, PlatformEvents {
  readonly controlFrames = true;
  readonly lifecycle: LifecycleWatch;
  readonly #queue = new FrameQueue<Frame>();
  readonly source: WsConnection["source"] = this.#queue.source;
  readonly sink: WsConnection["sink"] = {
    send: (frame, options) => this.#send(frame, options),
    close: (code, reason) => this.#close(code, reason),
  };
  readonly #timer: Timer;
  readonly #socket: PlatformSocket;
  readonly #settleDial: (error?: WsError) => void;
  readonly #activity = {
    lastDataAt: undefined as number | undefined,
    lastInboundAt: undefined as number | undefined,
    dataEpoch: 1,
  };
  readonly #unsettled = new Set<(error: WsError) => void>();
  readonly #waitingForEnd: (() => void)[] = [];
  #cause: WsError | undefined;
  #closing = false;
  #ended = false;

  constructor(
    dial: PlatformDial,
    { url, protocols, headers }: Handshake,
    timer: Timer,
    spawn: Spawn,
    settleDial: (error?: WsError) => void,
  ) {
    this.#timer = timer;
    this.#settleDial = settleDial;
    const initial = Object.freeze({
      ...INITIAL_SNAPSHOT,
      phase: "connected" as const,
      epoch: 1,
      attempts: 1,
    });
    const onListenerError = (): void => undefined;
    this.lifecycle = new LifecycleWatch({
      initial,
      activity: this.#activity,
      timer,
      spawn,
      onListenerError,
    });
    this.#socket = dial(url, protocols, headers, this);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  // What the library tells us.

  open(): void {
    this.#settleDial();
  }

  refused(status: number | undefined, retryAfterMs: number | undefined): void {
    this.#settleDial(refusal(status, retryAfterMs));
  }

  frame(kind: "text" | "binary" | "ping" | "pong", data: Uint8Array): void {
    this.#activity.lastInboundAt = this.#timer.now();
    if (kind === "text" || kind === "binary")
      this.#activity.lastDataAt = this.#activity.lastInboundAt;
    // Copy here if the library reuses its buffers.
    this.#queue.push({ kind, data });
  }

  closeFrame(code: number, reason: Uint8Array): void {
    this.#activity.lastInboundAt = this.#timer.now();
    this.#queue.push({ kind: "close", code, data: reason });
    const close = { code, reason: decodeUtf8(reason) };
    if (!this.#closing)
      this.#cause = connectionError("PEER_CLOSED", `the peer closed with code ${code}`, close);
    this.#end(); // a clean end: the frame says it all
  }

  end(): void {
    const lost = connectionError("SOCKET_LOST", "the socket ended without a close frame");
    this.#cause ??= lost;
    this.#end(this.#cause);
  }

  // What the owner wants.

  destroy(): void {
    this.#end();
    this.#socket.terminate();
  }

  #send(input: Frame | string | Uint8Array, options: SendOptions | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const fault = frameFault(input);
      if (fault !== undefined)
        throw new WsError({ kind: "client", code: "FRAME_INVALID", message: fault });
      if (options?.signal?.aborted === true) return reject(options.signal.reason);
      if (this.#closing)
        throw new WsError({ kind: "client", code: "SINK_CLOSED", message: "the sink was closed" });
      if (this.#ended) throw connectionError("NOT_CONNECTED", "the connection has ended");
      const frame =
        typeof input === "string"
          ? new TextEncoder().encode(input)
          : input instanceof Uint8Array
            ? input
            : input.data;
      const kind =
        typeof input === "string"
          ? "text"
          : input instanceof Uint8Array
            ? "binary"
            : (input.kind as "text");
      // The library may forget its callbacks when the socket dies; the contract does not allow us
      // to.
      this.#unsettled.add(reject);
      this.#socket.send(kind, frame, (error) => {
        this.#unsettled.delete(reject);
        if (error === undefined) resolve();
        else reject(connectionError("SOCKET_LOST", "the frame could not be sent"));
      });
    });
  }

  #close(code = 1000, reason = ""): Promise<void> {
    return new Promise((resolve) => {
      const fault = closeFault(code, reason);
      if (fault !== undefined)
        throw new WsError({ kind: "client", code: "FRAME_INVALID", message: fault });
      if (this.#ended) return resolve();
      this.#waitingForEnd.push(resolve);
      if (!this.#closing) this.#socket.close(code, reason);
      this.#closing = true;
    });
  }

  /** The one place where a connection ends. The first call counts. */
  #end(error?: WsError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue.end(error);
    const downSince = this.#timer.now();
    this.lifecycle.publish({
      ...this.lifecycle.snapshot,
      phase: "closed",
      downSince,
      cause: this.#cause,
    });
    const lost =
      this.#cause ??
      connectionError("SOCKET_LOST", "the connection was dropped before the frame left");
    for (const reject of this.#unsettled) reject(lost);
    for (const resolve of this.#waitingForEnd) resolve();
  }
}
// #endregion

function connectionError(
  code: "PEER_CLOSED" | "SOCKET_LOST" | "NOT_CONNECTED",
  message: string,
  close?: WsError["close"],
): WsError {
  return new WsError({ kind: "connection", code, message, close });
}

function refusal(status: number | undefined, retryAfterMs: number | undefined): WsError {
  if (status === undefined)
    return new WsError({
      kind: "connection",
      code: "ECONNREFUSED",
      message: "the connection was refused",
    });
  const kind =
    status === 429
      ? "throttled"
      : status === 401 || status === 403
        ? "auth"
        : status >= 500
          ? "server"
          : "client";
  return new WsError({
    kind,
    code: "UPGRADE_REFUSED",
    message: `refused with status ${status}`,
    status,
    retryAfterMs,
  });
}
