import { asciiText } from "./ascii-text.js";
import { fourDigits, isFourDigits } from "./four-digits.js";
import type { Literal } from "./literal.js";

/** The longest text that is taken for a number, in bytes; as `parseDecimal` has it. */
const MAX_DECIMAL_BYTES = 64;

/** Digits of the largest whole number that a double holds exactly. */
const MAX_WHOLE_DIGITS = 16;

/** A cursor keeps what it needs to read memory up to this size, for the frames that follow. */
const KEPT_BYTES = 64 * 1024;

const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

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
    const view = this.#view;
    const end = this.#end;
    const from = this.at;
    let { at } = this;
    let point = -1;
    for (;;) {
      while (at + 4 <= end && isFourDigits(view.getInt32(at, true))) at += 4;
      while (at < end && isDigit(view.getUint8(at))) at++;
      if (point >= 0 || at >= end || view.getUint8(at) !== POINT) break;
      point = at++;
    }
    if (!isDecimal(from, at, point)) return undefined;
    this.at = at;
    return asciiText(view, from, at - from);
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
   * How this works: what stands between two numbers is compared here, since a step for each piece
   * takes longer than to read the numbers.
   */
  decimalPairs(): [string, string][] | undefined {
    const view = this.#view;
    const end = this.#end;
    const pairs: [string, string][] = [];
    const { at } = this;
    if (at + 2 <= end && view.getUint16(at) === NO_PAIRS) {
      this.at = at + 2;
      return pairs;
    }
    if (at + PAIRS_BYTES > end || view.getUint16(at) !== OPENING) return undefined;
    if (view.getUint8(at + 2) !== QUOTE) return undefined;
    this.at = at + 3;
    for (;;) {
      const one = this.decimalText();
      const middle = this.at;
      if (one === undefined || middle + 3 > end) return undefined;
      if (view.getUint16(middle) !== QUOTE_COMMA) return undefined;
      if (view.getUint8(middle + 2) !== QUOTE) return undefined;
      this.at = middle + 3;
      const other = this.decimalText();
      const behind = this.at;
      if (other === undefined || behind + 3 > end) return undefined;
      if (view.getUint16(behind) !== QUOTE_CLOSING) return undefined;
      pairs.push([one, other]);
      if (view.getUint8(behind + 2) === CLOSING) {
        this.at = behind + 3;
        return pairs;
      }
      if (behind + 5 > end || view.getUint8(behind + 2) !== COMMA) return undefined;
      if (view.getUint16(behind + 3) !== OPENING_QUOTE) return undefined;
      this.at = behind + 5;
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

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether digits are all there is from `from` to `to`, but for a point that is between two. */
function isDecimal(from: number, to: number, point: number): boolean {
  if (to === from || to - from > MAX_DECIMAL_BYTES) return false;
  return point !== from && point !== to - 1;
}
