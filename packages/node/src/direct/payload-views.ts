import { Buffer } from "node:buffer";

/** As much memory as a small frame may keep alive. Socket reads are up to 64 KiB. */
const PAGE_BYTES = 16 * 1024;

/** Payloads above this get memory of their own: too few would share a page. */
const SHARED_BYTES = 4 * 1024;

/** `Buffer`'s own constructor of views; half the cost of `subarray()`. */
const View: new (of: ArrayBufferLike, at: number, length: number) => Buffer = (
  Buffer as unknown as { readonly [Symbol.species]: typeof View }
)[Symbol.species];

export const EMPTY: Buffer = Buffer.alloc(0);

/** An array over a part of the page, which is the page itself if that is all of it. */
export function viewOf(page: Buffer, from: number, length: number): Buffer {
  return length === page.length ? page : new View(page.buffer, page.byteOffset + from, length);
}

/**
 * Cuts payloads out of what the socket read, without copying each. A frame that somebody keeps must
 * not keep 64 KiB alive, so a large read is copied page by page, and its small frames are views of
 * the page that they begin in. So is a read into memory that is only lent.
 *
 * | the read | the payload | what it becomes |
 * |---|---|---|
 * | ours, up to 16 KiB | any | a view of the read |
 * | ours, larger | at least half of it | a view of the read |
 * | larger, or lent | up to 4 KiB | a view of a page of 16 KiB at most, shared with its neighbours |
 * | larger, or lent | any other | a copy |
 */
export class PayloadViews {
  /** Where the payload that was cut last lies: in this page, from {@link start} on. */
  page: Buffer = EMPTY;
  start = 0;
  #chunk: Buffer = EMPTY;
  #end = 0;
  #lent = false;
  #paged = false;
  /** A copy of the chunk's bytes from `#copiedFrom` to `#copiedTo`. */
  #copy: Buffer = EMPTY;
  #copiedFrom = 0;
  #copiedTo = 0;

  /**
   * The read that the offsets of {@link cut} are in from now on, up to `end`.
   *
   * @param lent whether its memory will be used for something else afterwards
   */
  begin(chunk: Buffer, end: number, lent: boolean): void {
    this.#chunk = chunk;
    this.#end = end;
    this.#lent = lent;
    this.#paged = lent || chunk.buffer.byteLength > PAGE_BYTES;
    this.#copiedTo = 0;
  }

  /** Lets go of the read, which would otherwise live until the next one. */
  end(): void {
    this.page = EMPTY;
    this.#chunk = EMPTY;
    this.#copy = EMPTY;
  }

  /**
   * Whether that page is a copy which small payloads share, so that what lies between them may be
   * changed.
   */
  isShared(page: Buffer): boolean {
    return page === this.#copy && page !== this.#chunk && this.#copiedTo > 0;
  }

  /** Cuts out the payload, into {@link page} and {@link start}. */
  cut(from: number, to: number): void {
    if (from === to) {
      this.page = EMPTY;
      this.start = 0;
      return;
    }
    if (!this.#paged) {
      this.page = this.#chunk;
      this.start = from;
      return;
    }
    if (to > this.#copiedTo) this.#copyPage(from, to);
    this.page = this.#copy;
    this.start = from - this.#copiedFrom;
  }

  #copyPage(from: number, to: number): void {
    const chunk = this.#chunk;
    const length = to - from;
    if (!this.#lent && length * 2 >= chunk.buffer.byteLength) {
      // All of the read, uncopied.
      this.#copy = chunk;
      this.#copiedFrom = 0;
      this.#copiedTo = to;
      return;
    }
    this.#copiedFrom = from;
    this.#copiedTo = length > SHARED_BYTES ? to : Math.min(from + PAGE_BYTES, this.#end);
    this.#copy = copy(chunk, from, this.#copiedTo);
  }
}

/** Memory for a payload whose bytes come in several reads; not cleared. */
export function blank(length: number): Buffer {
  return length > SHARED_BYTES ? Buffer.allocUnsafeSlow(length) : Buffer.allocUnsafe(length);
}

function copy(chunk: Buffer, from: number, to: number): Buffer {
  const bytes = blank(to - from);
  bytes.set(viewOf(chunk, from, to - from));
  return bytes;
}
