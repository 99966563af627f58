import type { Duplex } from "node:stream";
import type { Frame, SendOptions, SendOutcome, WsSink } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { closeFault, frameFault, Linked, LinkedList } from "@oath-ws/resilience";
import type { FrameSocket } from "./frame-socket.js";
import { fromNodeError } from "../errors/from-node-error.js";
import { TurnCork } from "./turn-cork.js";

// `ws` copies these for every frame; one object each spares the leaf from doing the same.
const AS_TEXT = Object.freeze({ binary: false });
const AS_BINARY = Object.freeze({ binary: true });

/** A frame that the socket was given and has not confirmed. */
class WrittenFrame extends Linked<WrittenFrame> {
  readonly outcome: SendOutcome;

  constructor(outcome: SendOutcome) {
    super();
    this.outcome = outcome;
  }
}

/**
 * The sending half of a leaf. It keeps its own list of unsettled sends, because the callbacks of
 * `ws` cannot be relied upon once the socket is destroyed.
 */
export class SendHalf implements WsSink {
  readonly #socket: FrameSocket;
  readonly #stream: Duplex;
  readonly #owner: { closing(): void };
  readonly #written = new LinkedList<WrittenFrame>();
  readonly #cork: TurnCork;
  #ended = false;
  #isGone = false;
  #closing: { readonly gone: Promise<void>; readonly resolve: () => void } | undefined = undefined;

  /**
   * @param owner is told when the connection is to be closed, once, before the close frame is
   *   written
   */
  constructor(socket: FrameSocket, stream: Duplex, owner: { closing(): void }) {
    this.#socket = socket;
    this.#stream = stream;
    this.#owner = owner;
    this.#cork = new TurnCork(stream);
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal?.aborted === true) reject(signal.reason);
      else this.handOver(frame, { sent: resolve, failed: reject });
    });
  }

  handOver(frame: Frame | string | Uint8Array, outcome: SendOutcome): void {
    if (this.#closing !== undefined) return outcome.failed(sinkClosed());
    if (this.#ended) return outcome.failed(notConnected());
    const fault = frameFault(frame);
    if (fault !== undefined) return outcome.failed(invalid(fault));
    const written = new WrittenFrame(outcome);
    this.#written.add(written);
    try {
      this.#write(frame, (error) => this.#told(written, error));
    } catch (error) {
      this.#written.delete(written);
      outcome.failed(fromNodeError(error, "the frame could not be sent"));
      return;
    }
    this.#cork.written();
  }

  close(code = 1000, reason = ""): Promise<void> {
    const fault = closeFault(code, reason);
    if (fault !== undefined) return Promise.reject(invalid(fault));
    if (this.#closing === undefined) {
      this.#closing = closing();
      if (this.#isGone) this.#closing.resolve();
      this.#owner.closing();
      this.#socket.close(code, reason);
    }
    return this.#closing.gone;
  }

  /** Whether the socket is. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The socket is gone, because of `cause` if anybody knows why. */
  gone(cause: WsError | undefined): void {
    this.rejectPending(cause);
    this.#isGone = true;
    this.#closing?.resolve();
  }

  /**
   * No frame can be sent any more; what was written still settles by itself, or by
   * {@link rejectPending}.
   */
  end(): void {
    this.#ended = true;
  }

  /** The word of what the socket was given will not come. */
  rejectPending(cause: WsError | undefined): void {
    this.#ended = true;
    for (const written of this.#written) {
      this.#written.delete(written);
      written.outcome.failed(fateUnknown(cause));
    }
  }

  /** What the socket said of a frame. */
  #told(written: WrittenFrame, error: Error | null | undefined): void {
    const failed = error !== undefined && error !== null;
    // Of a destroyed socket Node reports a write as done that was cut off half way; `rejectPending`
    // is about to settle it.
    if (!failed && this.#stream.destroyed) return;
    if (!this.#written.delete(written)) return;
    if (failed) written.outcome.failed(fateUnknown(error));
    else written.outcome.sent();
  }

  #write(frame: Frame | string | Uint8Array, onWritten: (error?: Error | null) => void): void {
    if (typeof frame === "string") return this.#socket.send(frame, AS_TEXT, onWritten);
    if (frame instanceof Uint8Array) return this.#socket.send(frame, AS_BINARY, onWritten);
    switch (frame.kind) {
      case "text":
        return this.#socket.send(frame.data, AS_TEXT, onWritten);
      case "binary":
        return this.#socket.send(frame.data, AS_BINARY, onWritten);
      case "ping":
      case "pong":
        return this.#socket[frame.kind](frame.data, onWritten);
      case "close":
        throw new Error("a close frame passed frameFault");
      default:
        return frame satisfies never;
    }
  }
}

function closing(): { readonly gone: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const gone = new Promise<void>((done) => {
    resolve = done;
  });
  return { gone, resolve };
}

function invalid(message: string): WsError {
  return new WsError({ kind: "client", code: "FRAME_INVALID", message });
}

function sinkClosed(): WsError {
  return new WsError({
    kind: "client",
    code: "SINK_CLOSED",
    message: "the sink was closed by its owner",
  });
}

function notConnected(): WsError {
  return new WsError({
    kind: "connection",
    code: "NOT_CONNECTED",
    message: "the connection is over",
  });
}

/** Without an epoch, which a leaf does not know; the stack adds it. */
function fateUnknown(cause: unknown): WsError {
  return new WsError({
    kind: "connection",
    code: "SEND_FATE_UNKNOWN",
    message: "the connection ended before the frame was known to have left",
    cause: cause ?? undefined,
  });
}
