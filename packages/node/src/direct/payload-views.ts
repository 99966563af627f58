import { Buffer } from "node:buffer";
import { lendableCopy } from "../leaf/lent-memory.js";
import { ownCopy, ownMemory, viewOf } from "../leaf/shared-memory.js";

/** As much memory as a small frame may keep alive. Socket reads are up to 64 KiB. */
export const PAGE_BYTES: number = 16 * 1024;

/** Payloads above this get memory of their own: too few would share a page. */
export const SHARED_BYTES: number = 4 * 1024;

export const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Cuts payloads out of what the socket read, without copying each. What the socket read into is
 * used again for the next read, so it is copied page by page, and small payloads are parts of the
 * page that they begin in.
 *
 * | the payload | what it becomes |
 * |---|---|
 * | up to 4 KiB | a part of a page of 16 KiB at most, shared with its neighbours |
 * | larger, or alone in the read | a copy |
 *
 * No page is from Node's pool: a frame that waits would keep the memory of strangers alive, which
 * no budget could count.
 */
export class PayloadViews {
  /** Where the payload that was cut last lies: in this page, from {@link start} on. */
  page: Buffer = EMPTY;
  start = 0;
  #chunk: Buffer = EMPTY;
  #end = 0;
  /** A copy of the chunk's bytes from `#copiedFrom` to `#copiedTo`. */
  #copy: Buffer = EMPTY;
  #copiedFrom = 0;
  #copiedTo = 0;
  /** The size of the page, until a frame has counted it. */
  #uncounted = 0;

  /** The read that the offsets of {@link cut} are in from now on, up to `end`. */
  begin(chunk: Buffer, end: number): void {
    this.#chunk = chunk;
    this.#end = end;
    this.#copiedTo = 0;
  }

  /** Lets go of the read, which would otherwise live until the next one. */
  end(): void {
    this.page = EMPTY;
    this.#chunk = EMPTY;
    this.#copy = EMPTY;
  }

  /**
   * Cuts out a payload of at most {@link SHARED_BYTES} that an earlier read began. It becomes the
   * first of a page, so that it needs no memory of its own.
   *
   * @param begun what came earlier, a byte in each character
   * @param to where the rest of it ends in this read
   */
  cutRest(begun: string, to: number): void {
    this.#copiedFrom = -begun.length;
    this.#copiedTo = Math.max(to, Math.min(PAGE_BYTES - begun.length, this.#end));
    this.#copy = ownMemory(begun.length + this.#copiedTo);
    this.#copy.write(begun, "latin1");
    this.#copy.set(viewOf(this.#chunk, 0, this.#copiedTo), begun.length);
    this.#uncounted = this.#copy.length;
    this.page = this.#copy;
    this.start = 0;
  }

  /** Cuts out the payload, into {@link page} and {@link start}. */
  cut(from: number, to: number): void {
    if (from === to) {
      this.page = Buffer.alloc(0);
      this.start = 0;
      return;
    }
    if (to > this.#copiedTo) this.#copyPage(from, to);
    this.page = this.#copy;
    this.start = from - this.#copiedFrom;
  }

  /**
   * The memory that the payload which was cut last is the first to use; 0 for those behind it in
   * the same page.
   */
  takeUncounted(): number {
    const bytes = this.#uncounted;
    this.#uncounted = 0;
    return bytes;
  }

  #copyPage(from: number, to: number): void {
    const isLarge = to - from > SHARED_BYTES;
    this.#copiedFrom = from;
    this.#copiedTo = isLarge ? to : Math.min(from + PAGE_BYTES, this.#end);
    this.#copy = isLarge
      ? lendableCopy(this.#chunk, from, to)
      : ownCopy(this.#chunk, from, this.#copiedTo);
    this.#uncounted = this.#copy.buffer.byteLength;
  }
}
