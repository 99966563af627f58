import type { FrameCopy, ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { decodeUtf8 } from "./utf8.js";

/**
 * What the frames of one read have in common; shared, because a time of its own would cost each
 * frame a second object.
 */
export interface Arrival {
  readonly epoch: number;
  /** When the socket was read, in milliseconds of the timer's monotonic clock. */
  readonly at: number;
  /** The same by the wall clock. */
  readonly unixMs: number;
  /** The same by a clock that counts sleep (`ElapsedClock`); what ages are counted from. */
  readonly elapsedMs: number;
}

/**
 * How to get at a payload that is a part of some memory: bytes, or the text itself where each
 * character stands for one byte (ASCII). One such object serves all frames of a sort.
 */
export interface PayloadAccess<Memory extends Uint8Array | string = Uint8Array | string> {
  /** Bytes that the caller may keep: whatever is done with other frames does not change them. */
  bytes(memory: Memory, from: number, length: number): Uint8Array;
  text(memory: Memory, from: number, length: number): string;
  /**
   * The reader that this payload was lent to needs it no longer. Present where the memory is that
   * of one payload alone and can be used for another one.
   */
  takeBack?(memory: Memory): void;
}

/** Reads a payload where it lies; see {@link lendPayload}. */
export interface PayloadBorrower<T> {
  /**
   * The payload is the bytes of `memory` from `from` up to, and not including, `to`. They may be
   * read during this call only, and must not be changed: other frames lie beside them.
   */
  borrow(memory: Uint8Array, from: number, to: number): T;
}

/** For a frame that no stack has seen: epoch 0 is before every connection. */
export const UNSTAMPED: Arrival = Object.freeze({ epoch: 0, at: 0, unixMs: 0, elapsedMs: 0 });

/** Of a frame that was lent. */
const TAKEN_BACK: PayloadAccess = { bytes: refuse, text: refuse };

/** For a payload about which nothing is known. */
const PLAIN: PayloadAccess<Uint8Array> = {
  bytes: part,
  text: (memory, from, length) => decodeUtf8(part(memory, from, length)),
};

/**
 * A data frame as a leaf makes it, with room for the stamps of the stack: the object that the
 * socket's turn allocates is the one that the consumer gets, so a frame costs one object. An array
 * over its bytes costs more than that, and is made when the reader asks for it. Leaves whose frames
 * are plain objects are served as well; theirs are wrapped.
 *
 * One class for all leaves, and no heirs: to construct one costs twice as much where `super()` has
 * to be called.
 *
 * On a bare connector the stamps are 0.
 */
export class InboundFrame implements ReceivedFrame {
  readonly kind: "text" | "binary";
  /** That of `data`, without making it. */
  readonly byteLength: number;
  /**
   * How much memory is in use because of this frame. Of frames that share memory the first one
   * counts it, and the others count 0.
   */
  readonly retainedBytes: number;
  seq = 0;
  #arrival = UNSTAMPED;
  #memory: Uint8Array | string;
  #from: number;
  #access: PayloadAccess;

  /**
   * The payload is `byteLength` bytes of `memory`, or all of it, and is not changed any more. What
   * is a part of `memory` is shared, and given out by way of `access` only. A string as `memory`
   * is a text of which each character stands for one byte; it needs an `access` that knows strings.
   */
  constructor(
    kind: "text" | "binary",
    memory: Uint8Array | string,
    from = 0,
    byteLength: number = memory.length,
    access: PayloadAccess = PLAIN,
    retainedBytes: number = byteLength,
  ) {
    this.kind = kind;
    this.byteLength = byteLength;
    this.retainedBytes = retainedBytes;
    this.#memory = memory;
    this.#from = from;
    this.#access = access;
  }

  get epoch(): number {
    return this.#arrival.epoch;
  }

  get receivedAt(): number {
    return this.#arrival.at;
  }

  get receivedAtUnixMs(): number {
    return this.#arrival.unixMs;
  }

  /** What the frame has in common with the others of its read. */
  get arrival(): Arrival {
    return this.#arrival;
  }

  /** What the stack knows of the frame. */
  stamp(seq: number, arrival: Arrival): void {
    this.seq = seq;
    this.#arrival = arrival;
  }

  get data(): Uint8Array {
    const memory = this.#memory;
    if (typeof memory !== "string" && memory.length === this.byteLength) return memory;
    const bytes = this.#access.bytes(memory, this.#from, this.byteLength);
    this.#memory = bytes;
    this.#from = 0;
    return bytes;
  }

  /** See {@link lendPayload}. */
  lend<T>(borrower: PayloadBorrower<T>): T {
    // Bytes that a text has to be made into are kept, as for a reader that asks for them.
    const memory = typeof this.#memory === "string" ? this.data : this.#memory;
    return borrower.borrow(memory, this.#from, this.#from + this.byteLength);
  }

  text(): string {
    return this.#access.text(this.#memory, this.#from, this.byteLength);
  }

  /** Ends the loan of this frame: its payload can no longer be read, and its memory is free. */
  takeBack(): void {
    const memory = this.#memory;
    const access = this.#access;
    this.#access = TAKEN_BACK;
    this.#memory = "";
    access.takeBack?.(memory);
  }

  copy(): FrameCopy {
    const { kind, epoch, seq, receivedAt, receivedAtUnixMs } = this;
    return { kind, data: new Uint8Array(this.data), epoch, seq, receivedAt, receivedAtUnixMs };
  }
}

/**
 * Lends the payload of a frame for one call: no array over its bytes is made, which costs as much
 * as to read a short message. For decoders that make values of the bytes at once.
 *
 * @returns what `borrower` returns
 */
export function lendPayload<T>(frame: ReceivedFrame, borrower: PayloadBorrower<T>): T {
  if (frame instanceof InboundFrame) return frame.lend(borrower);
  const { data } = frame;
  return borrower.borrow(data, 0, data.length);
}

function part(memory: Uint8Array, from: number, length: number): Uint8Array {
  return length === memory.length ? memory : memory.subarray(from, from + length);
}

function refuse(): never {
  throw new WsError({
    kind: "client",
    code: "FRAME_TAKEN_BACK",
    message: "the frame was lent by borrow(), and the source was called again; copy what you keep",
  });
}
