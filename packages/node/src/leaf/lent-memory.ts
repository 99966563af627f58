import { Buffer } from "node:buffer";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import { ownMemory, viewOf } from "./shared-memory.js";

/** The most memory that waits to be used again, over all connections of the process. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;

/** Whether a mistake of a reader that borrows is to show: see {@link takeBack}. */
const IS_ENFORCED = process.env["NODE_ENV"] !== "production";

/** Memory that was lent and came back. */
class Spares {
  readonly #buffers: ArrayBuffer[] = [];
  #bytes = 0;

  /** The last one that fits and is at most twice as long. */
  take(length: number): ArrayBuffer | undefined {
    const fits = ({ byteLength }: ArrayBuffer): boolean =>
      byteLength >= length && byteLength <= 2 * length;
    const at = this.#buffers.findLastIndex(fits);
    const [spare] = at === -1 ? [] : this.#buffers.splice(at, 1);
    this.#bytes -= spare?.byteLength ?? 0;
    return spare;
  }

  /** The oldest ones go where there are too many. */
  keep(buffer: ArrayBuffer): void {
    this.#buffers.push(buffer);
    this.#bytes += buffer.byteLength;
    while (this.#bytes > MAX_SPARE_BYTES) this.#bytes -= this.#buffers.shift()?.byteLength ?? 0;
  }
}

/**
 * Made for the first payload that comes back. Nothing else refers to the spares, so the next full
 * collection frees them, and a process that no longer borrows shrinks again. Full collections are
 * rare in one that does: what it reads is not allocated.
 */
let spares: WeakRef<Spares> | undefined;

/**
 * Memory for one payload of `length` bytes. It may be longer than that, twice at most, if it was
 * lent before; what is in it is not defined.
 */
export function memoryFor(length: number): Buffer {
  const spare = spares?.deref()?.take(length);
  return spare === undefined ? ownMemory(length) : Buffer.from(spare, 0, length);
}

/** A copy of these bytes in memory of {@link memoryFor}. */
export function lendableCopy(bytes: Buffer, from: number, to: number): Buffer {
  const copy = memoryFor(to - from);
  copy.set(viewOf(bytes, from, to - from));
  return copy;
}

/**
 * Keeps the memory of a payload that its reader has done with for a later one. In development it
 * is detached first: every view of it that was kept is empty from now on, and no byte of it is
 * shown as that of another message.
 */
function takeBack({ buffer }: Uint8Array): void {
  const memory = IS_ENFORCED ? moved(buffer as ArrayBuffer) : (buffer as ArrayBuffer);
  // The reader may have transferred it to another thread.
  if (memory === undefined || memory.byteLength === 0) return;
  let pool = spares?.deref();
  if (pool === undefined) {
    pool = new Spares();
    spares = new WeakRef(pool);
  }
  pool.keep(memory);
}

/** The same memory under another object: views of the old one are empty. */
function moved(buffer: ArrayBuffer): ArrayBuffer | undefined {
  const { transfer } = buffer as { transfer?: () => ArrayBuffer };
  try {
    // Ten times as fast as a clone; Node 20 does not have it.
    return transfer === undefined
      ? structuredClone(buffer, { transfer: [buffer] })
      : transfer.call(buffer);
  } catch {
    // The reader has detached it, or forbidden to.
    return undefined;
  }
}

/** A payload that is alone in memory of {@link memoryFor}. */
export const OWN_BYTES: PayloadAccess<Uint8Array> = {
  bytes: (memory) => memory,
  text: (memory) => decodeUtf8(memory),
  takeBack,
};

/** The same, and known to be ASCII. */
export const OWN_ASCII: PayloadAccess<Uint8Array> = {
  bytes: (memory) => memory,
  text: (memory, from, length) => (memory as Buffer).toString("latin1", from, from + length),
  takeBack,
};
