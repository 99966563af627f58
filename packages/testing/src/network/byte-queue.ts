/** Bytes in order, added and taken in pieces of any size. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Takes at most so many bytes; `undefined` when that is none. One chunk is not copied. */
  take(most: number): Uint8Array | undefined {
    const first = this.#chunks[0];
    const length = Math.min(most, this.#bytes);
    if (first === undefined || length <= 0) return undefined;
    this.#bytes -= length;
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    if (first.length === length) {
      this.#chunks.shift();
      return first;
    }
    return this.#copy(length);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#bytes = 0;
  }

  #copy(length: number): Uint8Array {
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    return out;
  }
}
