import type { Duplex } from "node:stream";
import { NO_CLOSE_CODE } from "@oath-ws/resilience/leaf";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import type { FrameSocket, FrameSocketEvents } from "../leaf/frame-socket.js";
import { PacedWrites } from "../leaf/paced-writes.js";
import type { InflateBudget } from "./inflate-budget.js";
import { FrameDecoder } from "./frame-decoder.js";
import type { FrameReceiver } from "./decoder-options.js";
import type { FrameEncoder } from "./frame-encoder.js";
import type { MessageDeflate } from "./message-deflate.js";
import { OPCODE } from "./opcode.js";
import { EMPTY } from "./payload-views.js";
import { CloseFrameViolation } from "../leaf/protocol-violation.js";
import type { ProtocolViolation } from "../leaf/protocol-violation.js";
import { own } from "./stream-owner.js";
import type { StreamOwner } from "./stream-owner.js";

/** What a {@link DirectSocket} is made of. */
export interface DirectSocketOptions {
  /** After the upgrade. What came early is in front of it again. */
  readonly stream: Duplex;
  readonly protocol: string;
  readonly encoder: FrameEncoder;
  /** Bytes after decompression. */
  readonly maxMessageBytes: number;
  readonly validateUtf8: boolean;
  /** Present when permessage-deflate was agreed on. */
  readonly deflate: MessageDeflate | undefined;
  /** Bounds the time that a turn spends on inflating. */
  readonly budget: InflateBudget;
}

type Done = (error?: Error | null) => void;

/**
 * RFC 6455 over a stream: joins decoder, encoder and the closing handshake. The owner bounds that
 * in time, with {@link terminate}, and listens to the stream's errors.
 */
export class DirectSocket implements FrameSocket, FrameReceiver, StreamOwner {
  readonly protocol: string;
  readonly #stream: Duplex;
  readonly #writes: PacedWrites;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  readonly #deflate: MessageDeflate | undefined;
  readonly #budget: InflateBudget;
  /** Present while a part of a read waits for the budget of a later turn. */
  #cancelWait: (() => void) | undefined = undefined;
  #events: FrameSocketEvents | undefined = undefined;
  #closeSent = false;
  #closeCode = 1006;
  #closeReason = EMPTY;

  constructor(options: DirectSocketOptions) {
    const { stream, maxMessageBytes, validateUtf8, deflate, budget } = options;
    this.protocol = options.protocol;
    this.#stream = stream;
    this.#writes = new PacedWrites(stream);
    this.#encoder = options.encoder;
    this.#deflate = deflate;
    this.#budget = budget;
    this.#decoder = new FrameDecoder({
      receiver: this,
      maxMessageBytes,
      validateUtf8,
      inflate: deflate && ((data) => budget.measure(deflate.inflate, data)),
      mayGoOn: deflate && (() => budget.mayGoOn()),
    });
  }

  get bufferedBytes(): number {
    return this.#writes.bufferedBytes;
  }

  get isPaused(): boolean {
    return this.#cancelWait !== undefined;
  }

  listen(events: FrameSocketEvents): void {
    this.#events = events;
    own(this.#stream, this);
  }

  send(data: string | Uint8Array, options: { readonly binary: boolean }, done: Done): void {
    const deflated = this.#deflate?.deflate(data);
    this.#write(
      options.binary ? OPCODE.binary : OPCODE.text,
      deflated ?? data,
      done,
      deflated !== undefined,
    );
  }

  ping(data: Uint8Array, done: Done): void {
    this.#write(OPCODE.ping, data, done);
  }

  pong(data: Uint8Array, done: Done): void {
    this.#write(OPCODE.pong, data, done);
  }

  close(code: number, reason: string): void {
    this.#sendClose(closePayload(code, Buffer.from(reason)));
  }

  terminate(): void {
    this.#endDecoding();
    this.#stream.destroy();
  }

  // What the decoder tells.

  receivedMessage(frame: InboundFrame): void {
    this.#events?.onMessage(frame);
  }

  receivedPing(data: Buffer): void {
    this.#events?.onPing(data);
  }

  receivedPong(data: Buffer): void {
    this.#events?.onPong(data);
  }

  /**
   * Answers with the same code (RFC 6455 section 5.5.1), and ends our side of the stream: the
   * server ends its own first or now.
   */
  receivedClose(code: number, reason: Buffer): void {
    this.#closeCode = code;
    this.#closeReason = reason;
    this.#sendClose(closePayload(code, reason));
    this.#writes.end();
    this.#events?.onPeerClose(code, reason);
  }

  // What the stream tells.

  /** @param lent see {@link FrameDecoder.push} */
  read(bytes: Buffer, lent?: number): void {
    this.#events?.onRead();
    this.#decoded(this.#decoder.push(bytes, lent));
  }

  get room(): Buffer | undefined {
    return this.#decoder.room;
  }

  filled(length: number): void {
    this.#events?.onRead();
    this.#decoded(this.#decoder.filled(length));
  }

  failed(error: Error): void {
    this.#events?.onStreamError(error);
  }

  ended(): void {
    this.#events?.onStreamEnd();
  }

  gone(): void {
    this.#endDecoding();
    this.#events?.onGone(this.#closeCode, this.#closeReason);
  }

  /** Stops reading while a part of the read waits for its turn. */
  #decoded(violation: ProtocolViolation | undefined): void {
    if (violation !== undefined) return this.#fail(violation);
    if (!this.#decoder.isWaiting || this.#cancelWait !== undefined) return;
    this.#stream.pause();
    this.#cancelWait = this.#budget.wait(() => {
      this.#cancelWait = undefined;
      this.#decoded(this.#decoder.resume());
      if (this.#cancelWait !== undefined) return;
      // Behind the frames, which keep the time of the read that brought them.
      this.#events?.onRead();
      this.#stream.resume();
    });
  }

  /** What waits will not be decoded: the owner has let go of the connection, or the peer has. */
  #endDecoding(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    const { frames, bytes } = this.#decoder.waitingMessages();
    this.#decoder.end();
    if (frames > 0) this.#events?.onDropped(frames, bytes);
  }

  #fail(violation: ProtocolViolation): void {
    this.close(violation.closeCode, "");
    this.#writes.end();
    const received = violation instanceof CloseFrameViolation ? violation.received : undefined;
    this.#events?.onViolation(violation, received);
  }

  #sendClose(payload: Buffer): void {
    if (this.#closeSent) return;
    this.#write(OPCODE.close, payload, ignore);
    this.#closeSent = true;
  }

  #write(opcode: number, payload: string | Uint8Array, done: Done, compressed = false): void {
    // After the close frame nothing may follow, and a stream that was ended would take it for an
    // error.
    if (this.#closeSent) {
      process.nextTick(done, new Error("the connection is closing"));
      return;
    }
    this.#writes.write(this.#encoder.encode(opcode, payload, compressed), done);
  }
}

function closePayload(code: number, reason: Buffer): Buffer {
  if (code === NO_CLOSE_CODE) return EMPTY;
  const payload = Buffer.allocUnsafe(2 + reason.length);
  payload.writeUInt16BE(code, 0);
  payload.set(reason, 2);
  return payload;
}

function ignore(): void {}
