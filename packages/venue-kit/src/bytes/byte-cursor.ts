import { asciiText } from "./ascii-text.js";
import { decimalEnd, isDecimal, isDigit } from "./decimal-end.js";
import { fourDigits, isFourDigits } from "./four-digits.js";
import type { Literal } from "./literal.js";

/** Digits of the largest whole number that a double holds exactly. */
const MAX_WHOLE_DIGITS = 16;

/** A cursor keeps what it needs to read memory up to this size, for the frames that follow. */
const KEPT_BYTES = 64 * 1024;

const POINT = 0x2e;
const ZERO = 0x30;

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/**
 * A place in a message whose shape is known: reads the values that stand there, straight from the
 * bytes, and tells whenever the bytes are anything else than expected. Use it where the outline of
 * a message hardly ever changes, and leave every message that it refuses to `JSON.parse`.
 *
 * How this works: each step looks at the bytes at {@link at} and moves behind what it read. A step
 * that fails says so and stays, or stops anywhere: begin again with {@link open}, or give the
 * message up. Nothing beyond the end of the message is ever taken for a part of it.
 */
export class ByteCursor {
  /** Where the next step begins. */
  at = 0;
  /**
   * The number that {@link decimal} read last is `mantissa / 10 ** scale`, exactly: a `bigint`
   * only where no safe integer holds the mantissa.
   */
  mantissa: number | bigint = 0;
  /** Digits behind the point of that number, trailing zeros included. */
  scale = 0;
  #bytes: Uint8Array = NOTHING;
  #view: DataView = NO_VIEW;
  #end = 0;

  /** The message that is read from now on: `bytes` from `from` up to, and not including, `to`. */
  open(bytes: Uint8Array, from: number, to: number): void {
    // Frames that came together lie in the same memory.
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = from;
    this.#end = to;
  }

  /** Lets go of a message that is large; memory that small ones share is kept for the next one. */
  close(): void {
    if (this.#bytes.length <= KEPT_BYTES) return;
    this.#bytes = NOTHING;
    this.#view = NO_VIEW;
    this.#end = 0;
  }

  /** Whether the message ends here. */
  get isAtEnd(): boolean {
    return this.at === this.#end;
  }

  /** The byte here; 0 at the end. */
  get byte(): number {
    return this.at < this.#end ? this.#view.getUint8(this.at) : 0;
  }

  /** Skips this text; `false` when anything else stands here. */
  skip(literal: Literal): boolean {
    const end = this.at + literal.length;
    if (end > this.#end || !literal.isAt(this.#view, this.at)) return false;
    this.at = end;
    return true;
  }

  /**
   * Reads a whole number of JSON that is not negative; -1 for what is none, or has no exact double.
   */
  whole(): number {
    const view = this.#view;
    const end = this.#end;
    const from = this.at;
    let { at } = this;
    let value = 0;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      if (!isFourDigits(word)) break;
      value = value * 10_000 + fourDigits(word);
    }
    for (; at < end && isDigit(view.getUint8(at)); at++)
      value = value * 10 + (view.getUint8(at) - ZERO);
    const digits = at - from;
    if (digits === 0 || digits > MAX_WHOLE_DIGITS || value > Number.MAX_SAFE_INTEGER) return -1;
    // JSON has no zeros in front.
    if (digits > 1 && view.getUint8(from) === ZERO) return -1;
    this.at = at;
    return value;
  }

  /**
   * Reads a plain decimal number, digits with at most one point between them, into
   * {@link mantissa} and {@link scale}; `false` for anything else, as for more than 64 characters.
   */
  decimal(): boolean {
    const view = this.#view;
    const end = this.#end;
    const from = this.at;
    let { at } = this;
    let point = -1;
    let value = 0;
    for (;;) {
      for (; at + 4 <= end; at += 4) {
        const word = view.getInt32(at, true);
        if (!isFourDigits(word)) break;
        value = value * 10_000 + fourDigits(word);
      }
      for (; at < end && isDigit(view.getUint8(at)); at++)
        value = value * 10 + (view.getUint8(at) - ZERO);
      if (point >= 0 || at >= end || view.getUint8(at) !== POINT) break;
      point = at++;
    }
    if (!isDecimal(from, at, point)) return false;
    this.at = at;
    this.scale = point < 0 ? 0 : at - point - 1;
    // Every step is exact up to here, and a number beyond is never rounded to one below.
    this.mantissa =
      value <= Number.MAX_SAFE_INTEGER
        ? value
        : BigInt(asciiText(view, from, at - from).replace(".", ""));
    return true;
  }

  /** Reads such a number as the text that it is; `undefined` for anything else. */
  decimalText(): string | undefined {
    const from = this.at;
    const to = decimalEnd(this.#view, from, this.#end);
    if (to < 0) return undefined;
    this.at = to;
    return asciiText(this.#view, from, to - from);
  }

  /**
   * Reads the rest of a JSON text, up to its quotation mark and not beyond: 64 characters at most,
   * printable ASCII without escapes. `undefined` for anything else.
   */
  text(): string | undefined {
    const view = this.#view;
    const from = this.at;
    const end = Math.min(this.#end, from + MAX_TEXT_BYTES + 1);
    for (let at = from; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte === QUOTE) {
        this.at = at;
        return asciiText(view, from, at - from);
      }
      if (byte < SPACE || byte >= DELETE || byte === ESCAPE) return undefined;
    }
    return undefined;
  }

  /** Skips what stood at `from` already, `length` bytes of it; `false` when it is not repeated. */
  repeats(from: number, length: number): boolean {
    const { at } = this;
    if (at + length > this.#end) return false;
    const view = this.#view;
    for (let index = 0; index < length; index++)
      if (view.getUint8(from + index) !== view.getUint8(at + index)) return false;
    this.at = at + length;
    return true;
  }

  /**
   * Reads a list of pairs of decimal numbers in quotation marks, `[["1.0","2"],["1.1","0"]]`, as
   * the texts that they are: the levels of a book. `undefined` for anything else.
   *
   * How this works: it is the same as a step for each number and each piece between two of them.
   * The place is kept in a variable of its own, which halves the time of a message of levels.
   */
  decimalPairs(): [string, string][] | undefined {
    const view = this.#view;
    const end = this.#end;
    const pairs: [string, string][] = [];
    let { at } = this;
    if (at + PAIRS_BYTES > end) {
      if (at + 2 > end || view.getUint16(at) !== NO_PAIRS) return undefined;
      this.at = at + 2;
      return pairs;
    }
    if (view.getUint16(at) === NO_PAIRS) {
      this.at = at + 2;
      return pairs;
    }
    if (view.getUint16(at) !== OPENING || view.getUint8(at + 2) !== QUOTE) return undefined;
    at += 3;
    for (;;) {
      const first = at;
      at = decimalEnd(view, first, end);
      if (at < 0 || at + 3 > end) return undefined;
      if (view.getUint16(at) !== QUOTE_COMMA || view.getUint8(at + 2) !== QUOTE) return undefined;
      const one = asciiText(view, first, at - first);
      const second = at + 3;
      at = decimalEnd(view, second, end);
      if (at < 0 || at + 3 > end || view.getUint16(at) !== QUOTE_CLOSING) return undefined;
      pairs.push([one, asciiText(view, second, at - second)]);
      if (view.getUint8(at + 2) === CLOSING) {
        this.at = at + 3;
        return pairs;
      }
      if (at + 5 > end || view.getUint8(at + 2) !== COMMA) return undefined;
      if (view.getUint16(at + 3) !== OPENING_QUOTE) return undefined;
      at += 5;
    }
  }
}

/** The shortest list that is not empty: `[["0","0"]]`. */
const PAIRS_BYTES = 11;

/** The longest text that {@link ByteCursor.text} reads. */
const MAX_TEXT_BYTES = 64;

const SPACE = 0x20;
const ESCAPE = 0x5c;
const DELETE = 0x7f;
const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSING = 0x5d;
/** Two bytes each: `[]`, `[[`, `",`, `"]` and `["`. */
const NO_PAIRS = 0x5b5d;
const OPENING = 0x5b5b;
const QUOTE_COMMA = 0x222c;
const QUOTE_CLOSING = 0x225d;
const OPENING_QUOTE = 0x5b22;
