import { Buffer } from "node:buffer";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { bytesOf } from "../leaf/shared-memory.js";

/** So many texts asked for show that the reader wants texts. About a page full of quotes. */
const CERTAIN = 64;

/** Below this the reader counts as one that wants bytes. */
const DOUBTFUL = 32;

/** How many texts outweigh one payload that is asked for as bytes. */
const BYTES_WEIGHT = 16;

/**
 * Gives out the payloads of ASCII text frames, and remembers for one connection what its reader
 * asks for. A reader that calls `text()` and never looks at `data` gets frames whose memory is a
 * string from the beginning: their bytes are never copied. Either way both can be asked for, and
 * what comes out is the same.
 */
export class TextUse implements PayloadAccess {
  #asked = 0;
  #prefersText = false;

  /** Whether the next texts should be cut as strings. */
  get prefersText(): boolean {
    return this.#prefersText;
  }

  bytes(memory: Uint8Array | string, from: number, length: number): Uint8Array {
    if (this.#asked > 0) this.#doubt();
    return typeof memory === "string"
      ? encoded(memory, from, length)
      : bytesOf(memory, from, length);
  }

  text(memory: Uint8Array | string, from: number, length: number): string {
    if (this.#asked < CERTAIN) this.#asked++;
    else this.#prefersText = true;
    return typeof memory === "string"
      ? memory.slice(from, from + length)
      : (memory as Buffer).toString("latin1", from, from + length);
  }

  #doubt(): void {
    this.#asked = Math.max(0, this.#asked - BYTES_WEIGHT);
    if (this.#asked < DOUBTFUL) this.#prefersText = false;
  }
}

function encoded(memory: string, from: number, length: number): Buffer {
  const own = Buffer.allocUnsafeSlow(length);
  own.write(memory.slice(from, from + length), "latin1");
  return own;
}
