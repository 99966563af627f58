/** The length of a word, which is compared at once, in bytes. */
const WORD_BYTES = 8;

/**
 * Text that a message has at a fixed place, prepared for comparison eight bytes at a time.
 *
 * How this works: words are read as doubles, because a `DataView` gives those without a `BigInt`.
 * Two doubles are equal exactly when their bits are, but for zeros and NaN. ASCII text has
 * neither: no byte of it is 0, and the top byte of a NaN is 127 or above.
 */
export class Literal {
  readonly length: number;
  /** The first bytes, in words of eight. */
  readonly words: Float64Array;
  /** The bytes behind them, at most seven. */
  readonly rest: Uint8Array;

  /** @throws RangeError for text with characters below U+0001 or above U+007E */
  constructor(text: string) {
    if (!isLiteral(text)) throw new RangeError("a literal must be ASCII text");
    const { length } = text;
    const bytes = Uint8Array.from({ length }, (_, index) => text.charCodeAt(index));
    const view = new DataView(bytes.buffer);
    const words = Math.floor(length / WORD_BYTES);
    this.length = length;
    this.words = Float64Array.from({ length: words }, (_, index) =>
      view.getFloat64(index * WORD_BYTES, true),
    );
    this.rest = bytes.subarray(words * WORD_BYTES);
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
