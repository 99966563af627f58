import { Buffer } from "node:buffer";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import { viewOf } from "./shared-memory.js";

/** The most memory that waits to be used again, over all connections of the process. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;

/** Whether a mistake of a reader that borrows is to show: see {@link takeBack}. */
const IS_ENFORCED = process.env["NODE_ENV"] !== "production";

/** Memory that was lent and came back. */
const spares: ArrayBuffer[] = [];
let spareBytes = 0;

/**
 * Memory for one payload of `length` bytes. It may be longer than that, twice at most, if it was
 * lent before; what is in it is not defined.
 */
export function memoryFor(length: number): Buffer {
  for (let i = spares.length - 1; i >= 0; i--) {
    const spare = spares[i];
    if (spare === undefined || spare.byteLength < length || spare.byteLength > 2 * length) continue;
    spares.splice(i, 1);
    spareBytes -= spare.byteLength;
    return Buffer.from(spare, 0, length);
  }
  return Buffer.allocUnsafeSlow(length);
}

/** A copy of these bytes in memory of {@link memoryFor}. */
export function lendableCopy(bytes: Buffer, from: number, to: number): Buffer {
  const copy = memoryFor(to - from);
  copy.set(viewOf(bytes, from, to - from));
  return copy;
}

/**
 * Keeps the memory of a payload that its reader has done with for a later one. In development it
 * is detached instead: every view of it that was kept is empty from now on, and no byte of it is
 * shown as that of another message.
 */
function takeBack(memory: Uint8Array): void {
  const buffer = memory.buffer as ArrayBuffer;
  if (IS_ENFORCED) {
    structuredClone(buffer, { transfer: [buffer] });
    return;
  }
  while (spares.length > 0 && spareBytes + buffer.byteLength > MAX_SPARE_BYTES)
    spareBytes -= spares.shift()?.byteLength ?? 0;
  if (buffer.byteLength > MAX_SPARE_BYTES) return;
  spares.push(buffer);
  spareBytes += buffer.byteLength;
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
