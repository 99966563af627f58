import { Buffer } from "node:buffer";
import { POOL_MEMORY_BYTES } from "../leaf/shared-memory.js";
import { FIN, MASK, RSV1 } from "./frame-head.js";
import type { MaskSource } from "./mask-source.js";
import { randomMask } from "./mask-source.js";

/** Below this a loop over the bytes is done before a loop over words has begun. */
const WORDWISE_BYTES = 32;

const MASK_BYTES = 4;

/**
 * A client's encoder of RFC 6455 section 5: whole messages in, masked frames out, each as one
 * buffer. Knows nothing of sockets.
 */
export class FrameEncoder {
  readonly #nextMask: MaskSource;
  readonly #mask: Buffer = Buffer.alloc(MASK_BYTES);
  /**
   * The mask as the platform's words see it, turned so that it fits a word boundary of the payload.
   */
  readonly #turned: Uint8Array = new Uint8Array(MASK_BYTES);
  readonly #turnedWord = new Int32Array(this.#turned.buffer);
  /**
   * Words over the memory that small buffers are cut from, which is the same for many frames in a
   * row.
   */
  #words: Int32Array = new Int32Array(0);

  constructor(nextMask: MaskSource = randomMask) {
    this.#nextMask = nextMask;
  }

  /**
   * Encodes one unfragmented frame. `payload` is copied, and a string becomes UTF-8.
   *
   * @param compressed sets RSV1 (RFC 7692 section 6); the payload is compressed already
   */
  encode(opcode: number, payload: string | Uint8Array, compressed = false): Buffer {
    const length = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
    const start = MASK_BYTES + (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10);
    const frame = Buffer.allocUnsafe(start + length);
    frame[0] = FIN | (compressed ? RSV1 : 0) | opcode;
    if (length < 126) {
      frame[1] = MASK | length;
    } else if (length < 0x1_0000) {
      frame[1] = MASK | 126;
      frame.writeUInt16BE(length, 2);
    } else {
      frame[1] = MASK | 127;
      // A buffer's length fits 48 bits.
      frame.writeUInt16BE(0, 2);
      frame.writeUIntBE(length, 4, 6);
    }
    const mask = this.#mask;
    this.#nextMask(mask);
    frame.set(mask, start - MASK_BYTES);
    if (typeof payload === "string") frame.write(payload, start);
    else frame.set(payload, start);
    this.#applyMask(frame, start);
    return frame;
  }

  #applyMask(frame: Buffer, start: number): void {
    const mask = this.#mask;
    const end = frame.length;
    if (end - start < WORDWISE_BYTES) {
      maskBytes(frame, start, end, mask, 0);
      return;
    }
    const firstWord = (frame.byteOffset + start + 3) >> 2;
    const endWord = (frame.byteOffset + end) >> 2;
    const aligned = firstWord * 4 - frame.byteOffset;
    maskBytes(frame, start, aligned, mask, 0);
    // Bytes in, a word out: right on machines of either byte order.
    for (let i = 0; i < MASK_BYTES; i++) this.#turned[i] = mask[(aligned - start + i) & 3] ?? 0;
    const word = this.#turnedWord[0] ?? 0;
    const words = this.#wordsOver(frame);
    for (let i = firstWord; i < endWord; i++) words[i] = (words[i] ?? 0) ^ word;
    const rest = endWord * 4 - frame.byteOffset;
    maskBytes(frame, rest, end, mask, rest - start);
  }

  #wordsOver({ buffer }: Buffer): Int32Array {
    if (this.#words.buffer === buffer) return this.#words;
    const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    // A large frame's own memory is not kept.
    if (buffer.byteLength <= POOL_MEMORY_BYTES) this.#words = words;
    return words;
  }
}

function maskBytes(bytes: Buffer, from: number, to: number, mask: Buffer, turn: number): void {
  for (let i = from, j = turn; i < to; i++, j++) bytes[i] = (bytes[i] ?? 0) ^ (mask[j & 3] ?? 0);
}
