import { Buffer } from "node:buffer";
import { trimmed } from "../leaf/shared-memory.js";
import { EMPTY } from "./payload-views.js";

const FIRST_BYTES = 256;

/**
 * The fragments of one message, copied together as they come. A list of them would cost a peer that
 * cuts a message into single bytes one byte each, and us a hundred; this way the memory in use is
 * bounded by the bytes alone: at most twice the message.
 */
export class MessageAssembly {
  #bytes: Buffer = EMPTY;
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  append(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2, FIRST_BYTES));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** The message. The assembly is empty afterwards. */
  take(): Buffer {
    const bytes = this.#bytes;
    const length = this.#length;
    this.#bytes = EMPTY;
    this.#length = 0;
    // A message that is kept should not keep much that was left over.
    return trimmed(bytes.subarray(0, length));
  }
}
