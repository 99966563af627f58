/** Looks for a text in bytes that come in pieces, such as the frames of one connection. */
export class TextWatch {
  readonly #text: Buffer;
  /** The end of what came before, shorter than the text. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(text: string) {
    this.#text = Buffer.from(text);
  }

  /** Whether the text ends within these bytes. It may have begun in those before. */
  finds(bytes: Uint8Array): boolean {
    const all = Buffer.concat([this.#tail, bytes]);
    const isFound = all.includes(this.#text);
    this.#tail = all.subarray(Math.max(0, all.length - this.#text.length + 1));
    return isFound;
  }
}
