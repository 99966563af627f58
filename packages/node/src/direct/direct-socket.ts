import type { Duplex } from "node:stream";
import type { CloseFrameSource, FrameSocket } from "../frame-socket.js";
import { FrameDecoder } from "./frame-decoder.js";
import type { FrameReceiver } from "./frame-decoder.js";
import type { FrameEncoder } from "./frame-encoder.js";
import type { MessageDeflate } from "./message-deflate.js";
import { OPCODE } from "./opcode.js";
import type { PageFrame } from "./page-frame.js";
import { EMPTY } from "./payload-views.js";
import type { ProtocolViolation } from "./protocol-violation.js";
import type { SocketReads } from "./socket-reads.js";

/** What a {@link DirectSocket} is made of. */
export interface DirectSocketOptions {
  /** After the upgrade; nothing has read from it yet, and what came early is in front of it again. */
  readonly stream: Duplex;
  /** Where its reads can be had without its `'data'`; `undefined` when it is not a socket that we made. */
  readonly reads?: SocketReads | undefined;
  readonly protocol: string;
  readonly encoder: FrameEncoder;
  /** Bytes after decompression. */
  readonly maxMessageBytes: number;
  readonly validateUtf8: boolean;
  /** Present when permessage-deflate was agreed on. */
  readonly deflate: MessageDeflate | undefined;
}

type Done = (error?: Error | null) => void;

/** One listener for each event, called without an emitter in between: this is the per-frame path. */
interface Listeners {
  read: () => void;
  message: (frame: PageFrame) => void;
  ping: (data: Buffer) => void;
  pong: (data: Buffer) => void;
  error: (error: Error) => void;
  conclude: (code: number, reason: Buffer) => void;
  close: (code: number, reason: Buffer) => void;
}

/**
 * RFC 6455 over a stream: joins decoder, encoder and the closing handshake. The owner bounds that in time, with {@link terminate}, and
 * listens to the stream's errors.
 */
export class DirectSocket implements FrameSocket, CloseFrameSource, FrameReceiver {
  readonly protocol: string;
  readonly #stream: Duplex;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  readonly #deflate: MessageDeflate | undefined;
  #listeners: Listeners = noListeners();
  #closeSent = false;
  #closeCode = 1006;
  #closeReason = EMPTY;

  constructor(options: DirectSocketOptions) {
    const { stream, reads, maxMessageBytes, validateUtf8, deflate } = options;
    this.protocol = options.protocol;
    this.#stream = stream;
    this.#encoder = options.encoder;
    this.#deflate = deflate;
    this.#decoder = new FrameDecoder({ receiver: this, maxMessageBytes, validateUtf8, inflate: deflate?.inflate });
    stream.on("data", this.#onChunk);
    reads?.divert(this.#onRead);
    stream.on("close", this.#onGone);
  }

  on<K extends keyof Listeners>(event: K, listener: Listeners[K]): void {
    this.#listeners[event] = listener;
  }

  removeAllListeners(): void {
    this.#listeners = noListeners();
  }

  send(data: string | Uint8Array, options: { readonly binary: boolean }, done: Done): void {
    const deflated = this.#deflate?.deflate(data);
    this.#write(options.binary ? OPCODE.binary : OPCODE.text, deflated ?? data, done, deflated !== undefined);
  }

  ping(data: Uint8Array, _mask: undefined, done: Done): void {
    this.#write(OPCODE.ping, data, done);
  }

  pong(data: Uint8Array, _mask: undefined, done: Done): void {
    this.#write(OPCODE.pong, data, done);
  }

  close(code: number, reason: string): void {
    const payload = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code, 0);
    payload.write(reason, 2);
    this.#sendClose(payload);
  }

  terminate(): void {
    this.#decoder.end();
    this.#stream.destroy();
  }

  // What the decoder tells.

  receivedMessage(frame: PageFrame): void {
    this.#listeners.message(frame);
  }

  receivedPing(data: Buffer): void {
    this.#listeners.ping(data);
  }

  receivedPong(data: Buffer): void {
    this.#listeners.pong(data);
  }

  /** Answers with the same code (RFC 6455 section 5.5.1), and ends our side of the stream: the server ends its own first or now. */
  receivedClose(code: number, reason: Buffer): void {
    this.#closeCode = code;
    this.#closeReason = reason;
    const payload = Buffer.allocUnsafe(code === 1005 ? 0 : 2 + reason.length);
    if (code !== 1005) {
      payload.writeUInt16BE(code, 0);
      payload.set(reason, 2);
    }
    this.#sendClose(payload);
    this.#stream.end();
    this.#listeners.conclude(code, reason);
  }

  readonly #onChunk = (chunk: Buffer): void => {
    this.#onRead(chunk, undefined);
  };

  readonly #onRead = (bytes: Buffer, lent: number | undefined): void => {
    this.#listeners.read();
    const violation = this.#decoder.push(bytes, lent);
    if (violation !== undefined) this.#fail(violation);
  };

  #fail(violation: ProtocolViolation): void {
    this.close(violation.closeCode, "");
    this.#stream.end();
    this.#listeners.error(violation);
  }

  readonly #onGone = (): void => {
    this.#decoder.end();
    this.#stream.off("data", this.#onChunk);
    this.#listeners.close(this.#closeCode, this.#closeReason);
  };

  #sendClose(payload: Buffer): void {
    if (this.#closeSent) return;
    this.#write(OPCODE.close, payload, ignore);
    this.#closeSent = true;
  }

  #write(opcode: number, payload: string | Uint8Array, done: Done, compressed = false): void {
    // After the close frame nothing may follow, and a stream that was ended would take it for an error.
    if (this.#closeSent) {
      process.nextTick(done, new Error("the connection is closing"));
      return;
    }
    this.#stream.write(this.#encoder.encode(opcode, payload, compressed), done);
  }
}

function noListeners(): Listeners {
  return { read: ignore, message: ignore, ping: ignore, pong: ignore, error: ignore, conclude: ignore, close: ignore };
}

function ignore(): void {}
