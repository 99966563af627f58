import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";

/** Writes the four bytes of the next masking key to the front of what it is given. */
export type MaskSource = (mask: Buffer) => void;

/** One call for 2048 keys; a call for each would cost more than sending the frame. */
const POOL_BYTES = 8 * 1024;

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Masking keys from the system's random source, as RFC 6455 section 5.3 demands: unpredictable, and
 * none used twice. The pool is shared by the process.
 */
export function randomMask(mask: Buffer): void {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  mask[0] = pool[used++] ?? 0;
  mask[1] = pool[used++] ?? 0;
  mask[2] = pool[used++] ?? 0;
  mask[3] = pool[used++] ?? 0;
}
