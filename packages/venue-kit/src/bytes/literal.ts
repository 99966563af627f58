/** The length of a word, in bytes. */
const WORD_BYTES = 8;

/** The length of a half word, in bytes. */
const HALF_BYTES = 4;

/**
 * Text that a message has at a fixed place, prepared for comparison eight bytes at a time.
 *
 * How this works: words are read as doubles, because a `DataView` gives those without a `BigInt`.
 * Two doubles are equal exactly when their bits are, but for zeros and NaN. ASCII text has
 * neither: no byte of it is 0, and the top byte of a NaN is 127 or above. The last word ends where
 * the text ends, and overlaps the one before; text that is shorter than a word is two half words
 * that overlap, or single bytes.
 */
export class Literal {
  readonly length: number;
  readonly #words: Float64Array;
  /** The last word. */
  readonly #lastWord: number;
  /** The first half word, and the last one. */
  readonly #first: number;
  readonly #last: number;
  readonly #bytes: Uint8Array;

  /** @throws RangeError for text with characters below U+0001 or above U+007E */
  constructor(text: string) {
    if (!isLiteral(text)) throw new RangeError("a literal must be ASCII text");
    const { length } = text;
    const bytes = Uint8Array.from({ length }, (_, index) => text.charCodeAt(index));
    const view = new DataView(bytes.buffer);
    const hasWords = length >= WORD_BYTES;
    const hasHalves = length >= HALF_BYTES;
    this.length = length;
    this.#words = Float64Array.from({ length: Math.floor(length / WORD_BYTES) }, (_, index) =>
      view.getFloat64(index * WORD_BYTES, true),
    );
    this.#lastWord = hasWords ? view.getFloat64(length - WORD_BYTES, true) : 0;
    this.#first = hasHalves ? view.getInt32(0, true) : 0;
    this.#last = hasHalves ? view.getInt32(length - HALF_BYTES, true) : 0;
    this.#bytes = bytes;
  }

  /** Whether it stands there; all of its bytes must be within the view. */
  isAt(view: DataView, at: number): boolean {
    const { length } = this;
    if (length >= WORD_BYTES) {
      const words = this.#words;
      for (let index = 0; index < words.length; index++)
        if (view.getFloat64(at + index * WORD_BYTES, true) !== words[index]) return false;
      return view.getFloat64(at + length - WORD_BYTES, true) === this.#lastWord;
    }
    if (length >= HALF_BYTES) {
      if (view.getInt32(at, true) !== this.#first) return false;
      return view.getInt32(at + length - HALF_BYTES, true) === this.#last;
    }
    for (let index = 0; index < length; index++)
      if (view.getUint8(at + index) !== this.#bytes[index]) return false;
    return true;
  }
}

/** Whether a {@link Literal} can be made of this text. */
export function isLiteral(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x01 || code > 0x7e) return false;
  }
  return true;
}
