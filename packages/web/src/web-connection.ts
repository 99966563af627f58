import type { Frame, LeafEvents } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import {
  encodeUtf8,
  frameInvalid,
  LeafShell,
  NO_CLOSE_CODE,
  notConnected,
  socketLost,
} from "@oath-ws/resilience/leaf";
import { giveUp } from "./give-up.js";
import { decodeStrictly } from "./utf8.js";
import type { ResolvedWebOptions } from "./web-connector-options.js";
import { OPEN } from "./web-socket-like.js";
import type { CloseEventLike, MessageEventLike, WebSocketLike } from "./web-socket-like.js";

/** The standard hides the response from scripts. */
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * One connection over an open WHATWG socket. Nothing of the peer's end is seen before the
 * platform's `close` event, which comes when TCP is gone too; and after `destroy()` the events of
 * the socket, which may live on, are not listened to.
 *
 * The platform tells nothing of a frame's fate, so a frame counts as sent once it is in the
 * platform's hands: whether it left the machine stays unknown, also when the connection breaks, and
 * no `SEND_FATE_UNKNOWN` ever says so. What is refused was not sent, and its code says that.
 */
export class WebConnection extends LeafShell {
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>> = NO_HEADERS;
  /** The platform answers pings by itself and shows neither pings nor pongs. */
  readonly controlFrames = false;
  readonly #ws: WebSocketLike;
  readonly #options: ResolvedWebOptions;

  /** @param ws open, and nothing happened since its `open` event */
  constructor(ws: WebSocketLike, events: LeafEvents, options: ResolvedWebOptions) {
    super(events, options);
    this.#ws = ws;
    this.#options = options;
    this.protocol = ws.protocol ?? "";
    ws.addEventListener("message", this.#onMessage);
    ws.addEventListener("close", this.#onClose);
    // Told by `close` as well; but npm `ws` throws an "error" event without a listener.
    ws.addEventListener("error", ignore);
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  protected write(frame: Frame | string | Uint8Array, done: () => void): void {
    // A socket that is closing takes frames and throws them away; so ask it first.
    if (this.#ws.readyState !== OPEN) throw notConnected();
    const payload = payloadOf(frame);
    const { maxBufferedBytes } = this.#options;
    // A string counts one byte a UTF-16 unit, as everywhere in the stack: to encode it twice would
    // cost more than it tells.
    if (this.#ws.bufferedAmount + payload.length > maxBufferedBytes) {
      const message =
        `${this.#ws.bufferedAmount} bytes wait in the platform's socket (maxBufferedBytes is ` +
        `${maxBufferedBytes})`;
      throw new WsError({ kind: "throttled", code: "SEND_QUEUE_FULL", message });
    }
    try {
      this.#ws.send(payload as string | Uint8Array<ArrayBuffer>);
    } catch (cause) {
      throw frameInvalid("the platform's WebSocket refused the frame", cause);
    }
    done();
  }

  protected writeClose(code: number, reason: string): void {
    if (code === NO_CLOSE_CODE) this.#ws.close();
    else this.#ws.close(code, reason);
  }

  /** Lets go of the socket, whatever becomes of it. */
  protected terminate(): void {
    this.#ws.removeEventListener("message", this.#onMessage);
    this.#ws.removeEventListener("close", this.#onClose);
    giveUp(this.#ws);
  }

  readonly #onMessage = (event: object): void => {
    const { maxMessageBytes } = this.#options;
    this.read();
    const { data } = event as MessageEventLike;
    if (typeof data === "string") {
      // UTF-8 has at least one byte a UTF-16 unit, so what is surely too long is not even encoded.
      const bytes = data.length > maxMessageBytes ? undefined : encodeUtf8(data);
      if (bytes === undefined || bytes.length > maxMessageBytes)
        this.#refuse(tooBig(maxMessageBytes));
      else this.frame({ kind: "text", data: bytes });
      return;
    }
    const bytes = bytesOf(data);
    if (bytes === undefined) this.#refuse(unreadable());
    else if (bytes.length > maxMessageBytes) this.#refuse(tooBig(maxMessageBytes));
    else this.frame({ kind: "binary", data: bytes });
  };

  readonly #onClose = (event: object): void => {
    const { code, reason, wasClean } = event as CloseEventLike;
    // Usually 1006 (0 on Deno); any other code came from the peer all the same, before its TCP
    // broke, or is the platform's own complaint.
    const lost = wasClean ? undefined : socketLost({ code: code === 0 ? 1006 : code, reason });
    if (wasClean) this.closed(code, reason);
    this.terminate();
    this.gone(lost);
  };

  /**
   * What arrived cannot be accepted. The standard lets only the platform send the close code that
   * says why.
   */
  #refuse(failure: WsError): void {
    this.terminate();
    this.gone(failure);
  }
}

/** What the platform is given: it makes text frames of strings, and binary ones of bytes. */
function payloadOf(frame: Frame | string | Uint8Array): string | Uint8Array {
  if (typeof frame === "string" || frame instanceof Uint8Array) return frame;
  if (frame.kind === "binary") return frame.data;
  if (frame.kind !== "text")
    throw frameInvalid(`a WHATWG WebSocket cannot send a ${frame.kind} frame`);
  const text = decodeStrictly(frame.data);
  if (text === undefined)
    throw frameInvalid("the text is not UTF-8, which a WHATWG WebSocket cannot send");
  return text;
}

/**
 * By tag, not by `instanceof`: the buffer may come from another realm. Nothing at all is an array
 * of its own, because npm ws has one for all connections, which a reader could transfer.
 */
function bytesOf(data: unknown): Uint8Array | undefined {
  if ((data as { readonly byteLength?: unknown } | null | undefined)?.byteLength === 0)
    return new Uint8Array(0);
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
  return frameInvalid(
    'the WebSocket does not honour binaryType "arraybuffer": a binary message cannot be read',
  );
}

function ignore(): void {}
