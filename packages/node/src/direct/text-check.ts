import { isAscii, isUtf8 } from "node:buffer";
import type { Buffer } from "node:buffer";
import { viewOf } from "../leaf/shared-memory.js";
import { EMPTY } from "./payload-views.js";

/**
 * Up to here a loop over words costs no more than an array over the bytes and the call into native
 * code.
 */
const SHORT_BYTES = 1024;

/** The bits that no ASCII byte has, in one byte and in four. */
const BYTE_BITS = 0x80;
const WORD_BITS = 0x8080_8080 | 0;

const NO_WORDS = new Int32Array(0);

/**
 * What the bytes of a text are. ASCII is the usual case, and easier to decode than what is only
 * known to be UTF-8.
 */
export type TextBytes = "ascii" | "malformed" | "utf8";

/** Looks at the bytes of texts (RFC 6455 section 8.1), many of which lie in the same page. */
export class TextCheck {
  #page = EMPTY;
  #words: Int32Array = NO_WORDS;

  /** Lets go of the page. */
  end(): void {
    this.#page = EMPTY;
    this.#words = NO_WORDS;
  }

  of(page: Buffer, from: number, to: number): TextBytes {
    if (this.isAscii(page, from, to)) return "ascii";
    return isUtf8(viewOf(page, from, to - from)) ? "utf8" : "malformed";
  }

  isAscii(page: Buffer, from: number, to: number): boolean {
    if (to - from > SHORT_BYTES) return isAscii(viewOf(page, from, to - from));
    const offset = page.byteOffset;
    const firstWord = (offset + from + 3) >> 2;
    const endWord = (offset + to) >> 2;
    if (endWord <= firstWord) return (orBytes(page, from, to) & BYTE_BITS) === 0;
    const words = this.#wordsOver(page);
    let bits = 0;
    let i = firstWord;
    for (; i + 4 <= endWord; i += 4) {
      bits |=
        (words[i] as number) |
        (words[i + 1] as number) |
        (words[i + 2] as number) |
        (words[i + 3] as number);
    }
    for (; i < endWord; i++) bits |= words[i] as number;
    if ((bits & WORD_BITS) !== 0) return false;
    const edges =
      orBytes(page, from, firstWord * 4 - offset) | orBytes(page, endWord * 4 - offset, to);
    return (edges & BYTE_BITS) === 0;
  }

  #wordsOver(page: Buffer): Int32Array {
    // Compared as objects: to ask a buffer for its memory takes longer than to look at a small
    // text.
    if (this.#page !== page) {
      this.#page = page;
      this.#words = new Int32Array(page.buffer, 0, page.buffer.byteLength >> 2);
    }
    return this.#words;
  }
}

/** All are within the page. */
function orBytes(page: Buffer, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i++) bits |= page[i] as number;
  return bits;
}
