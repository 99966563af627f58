import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Frame, SendOptions, WsSink } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { WebSocket } from "ws";

/** RFC 6455 section 5.5: what fits into a control frame, and into a close frame beside its code. */
const MAX_CONTROL_BYTES = 125;
const MAX_REASON_BYTES = 123;

// `ws` copies these for every frame; one object each spares the leaf from doing the same.
const AS_TEXT = Object.freeze({ binary: false });
const AS_BINARY = Object.freeze({ binary: true });

/** A send whose frame's fate is not known yet. */
interface PendingSend {
  readonly reject: (reason: WsError) => void;
}

/** What the sink needs of its connection. */
export interface SendHalfOptions {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  /** Settles when the socket is gone. */
  readonly gone: Promise<void>;
  /** The owner wants the connection closed; called once, before the close frame is written. */
  readonly onClose: () => void;
}

/**
 * The sending half of a leaf. It keeps its own list of unsettled sends, because the callbacks of `ws` cannot be relied upon once the
 * socket is destroyed.
 */
export class SendHalf implements WsSink {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #gone: Promise<void>;
  readonly #onClose: () => void;
  readonly #pending = new Set<PendingSend>();
  #ended = false;
  #closing: Promise<void> | undefined;

  constructor(options: SendHalfOptions) {
    this.#ws = options.ws;
    this.#socket = options.socket;
    this.#gone = options.gone;
    this.#onClose = options.onClose;
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal?.aborted === true) return reject(signal.reason);
      if (this.#closing !== undefined) return reject(sinkClosed());
      if (this.#ended) return reject(notConnected());
      const pending: PendingSend = { reject };
      const onWritten = (error?: Error | null): void => {
        const failed = error !== undefined && error !== null;
        // Of a destroyed socket Node reports a write as done that was cut off half way; `rejectPending` is about to settle it.
        if (!failed && this.#socket.destroyed) return;
        if (!this.#pending.delete(pending)) return;
        if (failed) reject(epochEnded(error));
        else resolve();
      };
      this.#pending.add(pending);
      try {
        const fault = this.#write(frame, onWritten);
        if (fault === undefined) return;
        this.#pending.delete(pending);
        reject(invalid(fault));
      } catch (error) {
        this.#pending.delete(pending);
        reject(new WsError({ kind: "client", code: "FRAME_INVALID", message: "the frame cannot be sent", cause: error }));
      }
    });
  }

  close(code = 1000, reason = ""): Promise<void> {
    const fault = closeFault(code, reason);
    if (fault !== undefined) return Promise.reject(invalid(fault));
    if (this.#closing === undefined) {
      this.#closing = this.#gone;
      this.#onClose();
      this.#ws.close(code, reason);
    }
    return this.#closing;
  }

  /** No frame can be sent any more; what was written still settles by itself, or by {@link rejectPending}. */
  end(): void {
    this.#ended = true;
  }

  /** The socket is gone: whatever has not left will not. */
  rejectPending(cause: WsError | undefined): void {
    this.#ended = true;
    for (const { reject } of this.#pending) reject(epochEnded(cause));
    this.#pending.clear();
  }

  /** Hands the frame to `ws`, or says what is wrong with it. */
  #write(frame: Frame | string | Uint8Array, onWritten: (error?: Error | null) => void): string | undefined {
    if (typeof frame === "string") {
      this.#ws.send(frame, AS_TEXT, onWritten);
      return undefined;
    }
    if (frame instanceof Uint8Array) {
      this.#ws.send(frame, AS_BINARY, onWritten);
      return undefined;
    }
    if (typeof frame !== "object" || frame === null) return "a frame is a string, a Uint8Array or a Frame";
    const { kind, data } = frame;
    if (kind === "close") return "a close frame is sent by close()";
    if (!(data instanceof Uint8Array)) return "the data of a frame must be a Uint8Array";
    switch (kind) {
      case "text":
        this.#ws.send(data, AS_TEXT, onWritten);
        return undefined;
      case "binary":
        this.#ws.send(data, AS_BINARY, onWritten);
        return undefined;
      case "ping":
      case "pong":
        if (data.length > MAX_CONTROL_BYTES) {
          return `a ${kind} carries at most ${MAX_CONTROL_BYTES} bytes (RFC 6455 section 5.5), got ${data.length}`;
        }
        this.#ws[kind](data, undefined, onWritten);
        return undefined;
      default:
        kind satisfies never;
        return "the kind of a frame is text, binary, ping or pong";
    }
  }
}

/** RFC 6455 section 7.4: which codes an endpoint may send of its own accord. */
function closeFault(code: unknown, reason: unknown): string | undefined {
  if (typeof code !== "number" || !Number.isInteger(code) || (code !== 1000 && (code < 3000 || code > 4999))) {
    return "a close code is 1000 or from 3000 to 4999";
  }
  if (typeof reason !== "string") return "a close reason is a string";
  const bytes = Buffer.byteLength(reason);
  return bytes > MAX_REASON_BYTES ? `a close reason has at most ${MAX_REASON_BYTES} bytes, got ${bytes}` : undefined;
}

function invalid(message: string): WsError {
  return new WsError({ kind: "client", code: "FRAME_INVALID", message });
}

function sinkClosed(): WsError {
  return new WsError({ kind: "client", code: "SINK_CLOSED", message: "the sink was closed by its owner" });
}

function notConnected(): WsError {
  return new WsError({ kind: "connection", code: "NOT_CONNECTED", message: "the connection is over" });
}

function epochEnded(cause: unknown): WsError {
  return new WsError({
    kind: "connection",
    code: "EPOCH_ENDED",
    message: "the connection ended before the frame was known to have left",
    cause: cause ?? undefined,
  });
}
