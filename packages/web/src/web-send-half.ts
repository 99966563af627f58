import type { Frame, SendOptions, StackErrorCode, WsSink } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { closeFault, frameFault } from "@oath-ws/resilience";
import { decodeStrictly } from "./utf8.js";
import { OPEN } from "./web-socket-like.js";
import type { WebSocketLike } from "./web-socket-like.js";

/** What the sink needs of its connection. */
export interface WebSendHalfOptions {
  readonly ws: WebSocketLike;
  readonly maxBufferedBytes: number;
  /** Settles when the socket is gone, or was let go. */
  readonly gone: Promise<void>;
  /** The owner wants the connection closed; called once, before the platform is asked. */
  readonly onClose: () => void;
}

/**
 * The sending half of the web leaf. The platform tells nothing of a frame's fate, so a send
 * resolves once the frame is in the platform's hands: whether it left the machine stays unknown,
 * also when the connection breaks, and no `SEND_FATE_UNKNOWN` ever says so. What is refused was not
 * sent, and its code says that: `NOT_CONNECTED` when the connection is over.
 */
export class WebSendHalf implements WsSink {
  readonly #ws: WebSocketLike;
  readonly #maxBufferedBytes: number;
  readonly #gone: Promise<void>;
  readonly #onClose: () => void;
  #ended = false;
  #closed = false;

  constructor(options: WebSendHalfOptions) {
    this.#ws = options.ws;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#gone = options.gone;
    this.#onClose = options.onClose;
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      if (options?.signal?.aborted === true) reject(options.signal.reason);
      else if (this.#closed)
        reject(refusal("client", "SINK_CLOSED", "the sink was closed by its owner"));
      else {
        const refused = this.#hand(frame);
        if (refused === undefined) resolve();
        else reject(refused);
      }
    });
  }

  close(code = 1000, reason = ""): Promise<void> {
    const fault = closeFault(code, reason);
    if (fault !== undefined) return Promise.reject(refusal("client", "FRAME_INVALID", fault));
    if (!this.#closed) {
      this.#closed = true;
      this.#onClose();
      this.#ws.close(code, reason);
    }
    return this.#gone;
  }

  /** No frame can be sent any more. */
  end(): void {
    this.#ended = true;
  }

  /** Hands a frame to the platform, or says why not. */
  #hand(frame: Frame | string | Uint8Array): WsError | undefined {
    // A socket that is closing takes frames and throws them away; so ask it first.
    if (this.#ended || this.#ws.readyState !== OPEN)
      return refusal("connection", "NOT_CONNECTED", "the connection is over");
    const fault = frameFault(frame);
    if (fault !== undefined) return refusal("client", "FRAME_INVALID", fault);
    const payload = payloadOf(frame);
    if (payload instanceof WsError) return payload;
    // A string counts one byte a UTF-16 unit, as everywhere in the stack: to encode it twice would
    // cost more than it tells.
    if (this.#ws.bufferedAmount + payload.length > this.#maxBufferedBytes) {
      const message = `${this.#ws.bufferedAmount} bytes wait in the platform's socket (maxBufferedBytes is ${this.#maxBufferedBytes})`;
      return refusal("throttled", "SEND_QUEUE_FULL", message);
    }
    try {
      this.#ws.send(payload as string | Uint8Array<ArrayBuffer>);
      return undefined;
    } catch (cause) {
      return new WsError({
        kind: "client",
        code: "FRAME_INVALID",
        message: "the platform's WebSocket refused the frame",
        cause,
      });
    }
  }
}

/** What the platform is given: it makes text frames of strings, and binary ones of bytes. */
function payloadOf(frame: Frame | string | Uint8Array): string | Uint8Array | WsError {
  if (typeof frame === "string" || frame instanceof Uint8Array) return frame;
  if (frame.kind === "binary") return frame.data;
  if (frame.kind !== "text")
    return refusal(
      "client",
      "FRAME_INVALID",
      `a WHATWG WebSocket cannot send a ${frame.kind} frame`,
    );
  const text = decodeStrictly(frame.data);
  return (
    text ??
    refusal(
      "client",
      "FRAME_INVALID",
      "the text is not UTF-8, which a WHATWG WebSocket cannot send",
    )
  );
}

function refusal(kind: WsError["kind"], code: StackErrorCode, message: string): WsError {
  return new WsError({ kind, code, message });
}
