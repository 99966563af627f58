import { Buffer } from "node:buffer";
import { markAsUntransferable } from "node:worker_threads";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";

/**
 * How many bytes the memory has that small buffers share. Up to Node 24 that is `Buffer.poolSize`;
 * on Node 26 it is a little more.
 */
export const POOL_MEMORY_BYTES: number = Buffer.allocUnsafe(1).buffer.byteLength;

/** `Buffer`'s own constructor of views; half the cost of `subarray()`. */
const View: new (of: ArrayBufferLike, at: number, length: number) => Buffer = (
  Buffer as unknown as { readonly [Symbol.species]: typeof View }
)[Symbol.species];

/**
 * Whether this platform keeps memory that is marked untransferable where it is, whatever is tried.
 * Node 20 copies it instead of transferring it, Node 24 refuses. Node 22 refuses to transfer it to
 * a worker, but its `ArrayBuffer.prototype.transfer()` does not look at the mark.
 */
export const MARK_HOLDS: boolean = markHolds();

/** An array over a part of the page, which is the page itself if that is all of it. */
export function viewOf(page: Buffer, from: number, length: number): Buffer {
  return length === page.length ? page : new View(page.buffer, page.byteOffset + from, length);
}

/** Memory of its own, not from Node's pool, which others share. What is in it is not defined. */
export function ownMemory(length: number): Buffer {
  return Buffer.allocUnsafeSlow(length);
}

/** A copy of these bytes, alone in their memory. */
export function ownCopy(bytes: Buffer, from: number, to: number): Buffer {
  const copy = ownMemory(to - from);
  if (to > from) copy.set(viewOf(bytes, from, to - from));
  return copy;
}

/** These bytes in memory of their own that is not much larger than they are. */
export function trimmed(bytes: Buffer): Buffer {
  const { length } = bytes;
  const fits = length > 0 && length * 4 >= bytes.buffer.byteLength * 3;
  return fits ? bytes : ownCopy(bytes, 0, length);
}

/** The page that was marked last: compared with, because to mark one costs more than a view. */
let marked: Uint8Array | undefined;

/** Its memory, and where the page begins there: to ask a page for them costs as much as a view. */
let markedMemory: ArrayBufferLike = new ArrayBuffer(0);
let markedAt = 0;

/**
 * Bytes of a page that several payloads share, for the receiver of one: a view where the page
 * cannot be transferred, which would empty the others; a copy elsewhere.
 */
export function bytesOf(page: Uint8Array, from: number, length: number): Buffer {
  if (!MARK_HOLDS) return ownCopy(page as Buffer, from, from + length);
  if (page !== marked) {
    marked = page;
    markedMemory = page.buffer;
    markedAt = page.byteOffset;
    markAsUntransferable(markedMemory);
  }
  return length === page.length
    ? (page as Buffer)
    : new View(markedMemory, markedAt + from, length);
}

/** A payload in a page of what the socket read. */
export const PAGE_BYTES: PayloadAccess<Uint8Array> = {
  bytes: bytesOf,
  text: (page, from, length) => decodeUtf8(viewOf(page as Buffer, from, length)),
};

function markHolds(): boolean {
  const memory = new ArrayBuffer(1);
  markAsUntransferable(memory);
  try {
    (memory as { transfer?: () => ArrayBuffer }).transfer?.();
  } catch {
    // Refused, as it should be.
  }
  return memory.byteLength === 1;
}
