import { Buffer } from "node:buffer";
import { MessageAssembly } from "./message-assembly.js";
import { FIN, headFault, MASK, notMinimal, readUint16, readUint32, RSV1 } from "./frame-head.js";
import type { HeadContext } from "./frame-head.js";
import { closeFault, longClose } from "./close-frame.js";
import type { FrameDecoderOptions, FrameReceiver } from "./decoder-options.js";
import { OPCODE } from "./opcode.js";
import { EMPTY, SHARED_BYTES } from "./payload-views.js";
import { memoryFor } from "../leaf/lent-memory.js";
import { ownCopy, ownMemory, viewOf } from "../leaf/shared-memory.js";
import { ProtocolViolation, tooBig, tooManyParts } from "../leaf/protocol-violation.js";
import { countMessages } from "./count-messages.js";
import type { WaitingMessages } from "./count-messages.js";
import { MessageOutlet } from "./message-outlet.js";

const MAX_CONTROL_BYTES = 125;

const MAX_HEAD_BYTES = 10;

/**
 * So much of a payload is missing that it is read straight into its memory. Less fits into one read
 * of shared memory, together with what follows, and to copy it costs less than a read of its own.
 */
const MIN_ROOM_BYTES = 64 * 1024;

/** Empty fragments of one message. Beyond, a peer could go on for ever at two bytes each. */
const MAX_EMPTY_PARTS = 1024;

/**
 * A client's decoder of RFC 6455 section 5: the server's bytes in, in pieces of any size, frames
 * out. Nothing in here knows of sockets or time.
 *
 * It checks as early as it can: a header as soon as its two bytes are there, a size as soon as it
 * is announced.
 */
export class FrameDecoder {
  readonly #receiver: FrameReceiver;
  readonly #maxMessageBytes: number;
  readonly #outlet: MessageOutlet;
  readonly #inflate: ((data: Buffer) => Buffer) | undefined;
  readonly #mayGoOn: (() => boolean) | undefined;
  /** What of the last read was not decoded yet. */
  #waiting: Buffer = EMPTY;
  /** Made for the first message that is fragmented. */
  #assembly: MessageAssembly | undefined = undefined;
  /** A header that is not complete yet; made for the first one that a read cuts. */
  #head: Uint8Array = EMPTY;
  #headBytes = 0;
  /** The beginning of a small message that the last read cut, a byte in each character. */
  #begun: string | undefined = undefined;
  /** A payload that is not complete yet. */
  #payload: Buffer | undefined = undefined;
  #payloadBytes = 0;
  // The frame that was begun.
  #fin = false;
  #opcode = 0;
  #length = 0;
  /** The opcode of a message whose last fragment has not come; 0 for none. */
  #fragmented = 0;
  /** Of that message. */
  #emptyParts = 0;
  /** Whether the message that was begun is compressed. */
  #compressed = false;

  constructor(options: FrameDecoderOptions) {
    this.#receiver = options.receiver;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#outlet = new MessageOutlet(
      options.receiver,
      options.validateUtf8,
      options.maxMessageBytes,
    );
    this.#inflate = options.inflate;
    this.#mayGoOn = options.mayGoOn;
  }

  /** Whether a part of a read waits for {@link resume}. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * The part of the payload that was begun which is still missing, if that is much. The next bytes
   * belong there: they may be read into it, and then {@link filled} is called in place of
   * {@link push}.
   */
  get room(): Buffer | undefined {
    const payload = this.#payload;
    // With compression a read may have to wait for its turn.
    if (payload === undefined || this.#mayGoOn !== undefined) return undefined;
    const missing = payload.length - this.#payloadBytes;
    return missing < MIN_ROOM_BYTES ? undefined : viewOf(payload, this.#payloadBytes, missing);
  }

  /** The messages in the part of a read that waits. */
  waitingMessages(): WaitingMessages {
    // The bytes that wait go on where the last read ended, which may be inside a frame.
    if (this.#payload === undefined)
      return countMessages([this.#head.subarray(0, this.#headBytes), this.#waiting], 0);
    const missing = this.#payload.length - this.#payloadBytes;
    const { frames, bytes } = countMessages([this.#waiting], missing);
    const completes = this.#fin && this.#opcode < 0x8 && this.#waiting.length >= missing;
    return completes
      ? { frames: frames + 1, bytes: bytes + this.#payload.length }
      : { frames, bytes };
  }

  /** Nothing more is decoded. May be called from within the receiver. */
  end(): void {
    this.#outlet.isEnded = true;
    this.#begun = undefined;
    this.#payload = undefined;
    this.#waiting = EMPTY;
  }

  /**
   * Decodes what the socket read; headers in it are overwritten. After a close frame, a violation
   * or {@link end} it does nothing.
   *
   * @param lent how many bytes of `chunk` were read, if its memory is longer than that. It may be
   *   used for something else afterwards: what is kept of it is copied
   * @returns what ended the decoding, if the peer broke the protocol: once, after the frames before
   *   it
   */
  push(chunk: Buffer, lent?: number): ProtocolViolation | undefined {
    const end = lent ?? chunk.length;
    if (this.#outlet.isEnded || end === 0) return undefined;
    if (this.isWaiting) {
      this.#waiting = Buffer.concat([this.#waiting, chunk.subarray(0, end)]);
      return undefined;
    }
    return this.#push(chunk, end);
  }

  /** The first `length` bytes of {@link room} came. Returns what {@link push} does. */
  filled(length: number): ProtocolViolation | undefined {
    const payload = this.#payload;
    if (this.#outlet.isEnded || payload === undefined) return undefined;
    this.#took(payload, length);
    return this.#finish();
  }

  /** Goes on with what waits. Returns what {@link push} does. */
  resume(): ProtocolViolation | undefined {
    const waiting = this.#waiting;
    this.#waiting = EMPTY;
    if (this.#outlet.isEnded || waiting.length === 0) return undefined;
    return this.#push(waiting, waiting.length);
  }

  #push(chunk: Buffer, end: number): ProtocolViolation | undefined {
    this.#outlet.begin(chunk, end);
    this.#decode(chunk, end);
    return this.#finish();
  }

  #finish(): ProtocolViolation | undefined {
    const violation = this.#outlet.finish();
    if (violation !== undefined) this.end();
    return violation;
  }

  #decode(chunk: Buffer, end: number): void {
    let at = this.#mustWait(chunk, 0, end) ? end : this.#complete(chunk, end);
    while (at < end && !this.#outlet.isEnded) {
      if (this.#mustWait(chunk, at, end)) return;
      if (this.#fragmented === 0) {
        const next = this.#outlet.texts(chunk, at, end);
        if (next > at) {
          at = next;
          continue;
        }
      }
      const headBytes = this.#readHead(chunk, at, end);
      if (headBytes === 0) {
        this.#keepHead(chunk, at, end);
        return;
      }
      const from = at + headBytes;
      at = from + this.#length;
      if (at > end) {
        this.#beginPayload(chunk, from, end);
        return;
      }
      this.#cut(chunk, from, at);
    }
  }

  #mustWait(chunk: Buffer, at: number, end: number): boolean {
    if (this.#mayGoOn === undefined || this.#mayGoOn()) return false;
    this.#waiting = Buffer.allocUnsafeSlow(end - at);
    this.#waiting.set(chunk.subarray(at, end));
    return true;
  }

  /** Completes the frame that an earlier chunk began. Returns how much of this chunk it took. */
  #complete(chunk: Buffer, end: number): number {
    if (this.#begun !== undefined) return this.#completeBegun(chunk, end, this.#begun);
    if (this.#payload !== undefined) return this.#resumePayload(chunk, 0, end);
    if (this.#headBytes === 0) return 0;
    const head = this.#head;
    let at = 0;
    while (at < end) {
      head[this.#headBytes++] = chunk[at++] ?? 0;
      const headBytes = this.#readHead(head, 0, this.#headBytes);
      if (this.#outlet.isEnded) return at;
      if (headBytes === 0) continue;
      this.#headBytes = 0;
      if (at + this.#length > end) return this.#beginPayload(chunk, at, end);
      const from = at;
      at += this.#length;
      this.#cut(chunk, from, at);
      return at;
    }
    return at;
  }

  #keepHead(chunk: Uint8Array, at: number, end: number): void {
    if (this.#outlet.isEnded) return;
    if (this.#head === EMPTY) this.#head = new Uint8Array(MAX_HEAD_BYTES);
    this.#head.set(chunk.subarray(at, end));
    this.#headBytes = end - at;
  }

  #completeBegun(chunk: Buffer, end: number, begun: string): number {
    this.#begun = undefined;
    const missing = this.#length - begun.length;
    if (missing <= end) return this.#outlet.rest(this.#opcode, begun, chunk, missing, end);
    this.#payload = ownMemory(this.#length);
    this.#payloadBytes = this.#payload.write(begun, "latin1");
    return this.#resumePayload(chunk, 0, end);
  }

  #beginPayload(chunk: Buffer, from: number, end: number): number {
    // With compression a read may wait, and what it holds is counted from a payload in bytes.
    if (this.#length <= SHARED_BYTES && this.#standsAlone && this.#mayGoOn === undefined) {
      this.#begun = chunk.toString("latin1", from, end);
      return end;
    }
    this.#payload = this.#standsAlone ? memoryFor(this.#length) : ownMemory(this.#length);
    this.#payloadBytes = 0;
    return this.#resumePayload(chunk, from, end);
  }

  #resumePayload(chunk: Uint8Array, from: number, end: number): number {
    const payload = this.#payload ?? EMPTY;
    const to = Math.min(from + payload.length - this.#payloadBytes, end);
    payload.set(chunk.subarray(from, to), this.#payloadBytes);
    this.#took(payload, to - from);
    return to;
  }

  #took(payload: Buffer, length: number): void {
    this.#payloadBytes += length;
    if (this.#payloadBytes < payload.length) return;
    this.#payload = undefined;
    if (this.#opcode >= 0x8) this.#control(payload);
    else this.#frame(payload);
  }

  /**
   * Reads the header at `at` (RFC 6455 section 5.2) into the fields, and checks it. Returns its
   * length, or 0: it is not complete, or it is a violation and the decoding has ended.
   */
  #readHead(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const opcode = first & 0x0f;
    // The one header that nearly all frames of a feed have; the checks below would pass it.
    if (
      (first & ~0x03) !== FIN ||
      opcode === 0 ||
      opcode === 3 ||
      second >= MASK ||
      this.#fragmented !== 0
    ) {
      const fault = headFault(first, second, this.#headContext());
      if (fault !== undefined) return this.#refuse(fault);
      if (opcode === OPCODE.text || opcode === OPCODE.binary)
        this.#compressed = (first & RSV1) !== 0;
    } else {
      this.#compressed = false;
    }
    let length = second & 0x7f;
    if (opcode === OPCODE.close && length > MAX_CONTROL_BYTES)
      return this.#refuse(longClose(bytes, at + (length === 126 ? 4 : 10), end));
    let headBytes = 2;
    if (length === 126) {
      headBytes = 4;
      if (end - at < 4) return 0;
      length = readUint16(bytes, at + 2);
      if (length < 126) return this.#refuse(notMinimal());
    } else if (length === 127) {
      headBytes = 10;
      if (end - at < 10) return 0;
      const high = readUint32(bytes, at + 2);
      // Above 2^53 - 1, which also has the top bit that must be 0.
      if (high > 0x1f_ffff) return this.#refuse(tooBig(this.#maxMessageBytes));
      length = high * 2 ** 32 + readUint32(bytes, at + 6);
      if (length < 0x1_0000) return this.#refuse(notMinimal());
    }
    if (
      opcode < 0x8 &&
      length > 0 &&
      (this.#assembly?.length ?? 0) + length > this.#maxMessageBytes
    ) {
      return this.#refuse(tooBig(this.#maxMessageBytes));
    }
    this.#fin = (first & FIN) !== 0;
    this.#opcode = opcode;
    this.#length = length;
    return headBytes;
  }

  #headContext(): HeadContext {
    return { insideMessage: this.#fragmented !== 0, compressible: this.#inflate !== undefined };
  }

  #cut(chunk: Buffer, from: number, to: number): void {
    if (this.#opcode >= 0x8) {
      // A control frame must not make a page that its neighbours would have to count.
      this.#control(ownCopy(chunk, from, to));
      return;
    }
    // Copied or inflated at once, so it keeps nothing of the read.
    if (!this.#standsAlone) this.#frame(viewOf(chunk, from, to - from));
    else this.#outlet.cut(this.#opcode, from, to);
  }

  /** Whether the frame that was begun is a data message as it is. */
  get #standsAlone(): boolean {
    return this.#opcode < 0x8 && this.#fin && this.#fragmented === 0 && !this.#compressed;
  }

  /** A data frame is complete. */
  #frame(data: Buffer): void {
    if (this.#fin && this.#fragmented === 0) this.#message(this.#opcode, data);
    else this.#fragment(data);
  }

  #fragment(data: Buffer): void {
    if (this.#fragmented === 0) this.#fragmented = this.#opcode;
    const assembly = (this.#assembly ??= new MessageAssembly());
    assembly.append(data);
    if (!this.#fin) {
      if (data.length === 0 && ++this.#emptyParts > MAX_EMPTY_PARTS) this.#refuse(tooManyParts());
      return;
    }
    const opcode = this.#fragmented;
    this.#fragmented = 0;
    this.#emptyParts = 0;
    this.#message(opcode, assembly.take());
  }

  #message(opcode: number, data: Buffer): void {
    let message = data;
    try {
      if (this.#compressed && this.#inflate !== undefined) message = this.#inflate(data);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#refuse(error);
      return;
    }
    this.#outlet.message(opcode, message);
  }

  #control(data: Buffer): void {
    if (this.#opcode === OPCODE.ping) this.#receiver.receivedPing(data);
    else if (this.#opcode === OPCODE.pong) this.#receiver.receivedPong(data);
    else this.#close(data);
  }

  #close(data: Buffer): void {
    let code = 1005;
    let reason: Buffer = Buffer.alloc(0);
    if (data.length > 0) {
      code = data.readUInt16BE(0);
      reason = data.subarray(2);
      const fault = closeFault(code, reason, this.#outlet.isText(reason));
      if (fault !== undefined) {
        this.#refuse(fault);
        return;
      }
    }
    this.end();
    this.#receiver.receivedClose(code, reason);
  }

  #refuse(violation: ProtocolViolation): 0 {
    this.#outlet.refuse(violation);
    return 0;
  }
}
