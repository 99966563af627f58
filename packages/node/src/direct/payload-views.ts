import { Buffer } from "node:buffer";

/** As much memory as a small frame may keep alive. Socket reads are up to 64 KiB. */
const PAGE_BYTES = 16 * 1024;

/** Payloads above this get memory of their own: too few would share a page. */
const SHARED_BYTES = 4 * 1024;

/** `Buffer`'s own constructor of views; half the cost of `subarray()`. */
const View = (
  Buffer as unknown as { readonly [Symbol.species]: new (of: ArrayBufferLike, at: number, length: number) => Buffer }
)[Symbol.species];

export const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Cuts payloads out of what the socket read, without copying each. A frame that somebody keeps must not keep 64 KiB alive, so a large
 * read is copied page by page, and its small frames are views of the page that they begin in.
 *
 * | the read | the payload | what it becomes |
 * |---|---|---|
 * | up to 16 KiB | any | a view of the read |
 * | larger | at least half of it | a view of the read |
 * | larger | up to 4 KiB | a view of a page of 16 KiB, shared with its neighbours |
 * | larger | any other | a copy |
 */
export class PayloadViews {
  #chunk: Uint8Array = EMPTY;
  #base = 0;
  #paged = false;
  /** A copy of the chunk's bytes from `#pageFrom` to `#pageTo`. */
  #page: Uint8Array = EMPTY;
  #pageFrom = 0;
  #pageTo = 0;

  /** The read that the offsets of {@link view} are in from now on. */
  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#base = chunk.byteOffset;
    this.#paged = chunk.buffer.byteLength > PAGE_BYTES;
    this.#pageTo = 0;
  }

  /** Lets go of the read, which would otherwise live until the next one. */
  end(): void {
    this.#chunk = EMPTY;
    this.#page = EMPTY;
  }

  view(from: number, to: number): Buffer {
    const length = to - from;
    if (length === 0) return EMPTY;
    if (!this.#paged) return new View(this.#chunk.buffer, this.#base + from, length);
    if (to <= this.#pageTo) return new View(this.#page.buffer, from - this.#pageFrom, length);
    return this.#unpaged(from, to);
  }

  #unpaged(from: number, to: number): Buffer {
    const chunk = this.#chunk;
    const length = to - from;
    if (length * 2 >= chunk.buffer.byteLength) return new View(chunk.buffer, this.#base + from, length);
    if (length > SHARED_BYTES) return copy(chunk, from, to);
    this.#pageFrom = from;
    this.#pageTo = Math.min(from + PAGE_BYTES, chunk.length);
    this.#page = copy(chunk, from, this.#pageTo);
    return new View(this.#page.buffer, 0, length);
  }
}

/** Memory for a payload whose bytes come in several reads; not cleared. */
export function blank(length: number): Buffer {
  return length > SHARED_BYTES ? Buffer.allocUnsafeSlow(length) : Buffer.allocUnsafe(length);
}

function copy(chunk: Uint8Array, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(to - from);
  bytes.set(new View(chunk.buffer, chunk.byteOffset + from, to - from));
  return bytes;
}
