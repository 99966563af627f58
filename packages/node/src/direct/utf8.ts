import { isUtf8 } from "node:buffer";

/** Up to here a loop over the bytes costs less than the call into native code. */
const SHORT_BYTES = 64;

/** Bytes looked at in one step of the loop. */
const STEP = 8;

/** Whether the bytes are well-formed UTF-8. Most short texts are ASCII, which needs no call into native code to see. */
export function isUtf8Text(data: Uint8Array): boolean {
  const { length } = data;
  if (length > SHORT_BYTES) return isUtf8(data);
  let bits = 0;
  let i = 0;
  for (; i + STEP <= length; i += STEP) {
    bits |= byte(data, i) | byte(data, i + 1) | byte(data, i + 2) | byte(data, i + 3);
    bits |= byte(data, i + 4) | byte(data, i + 5) | byte(data, i + 6) | byte(data, i + 7);
  }
  for (; i < length; i++) bits |= byte(data, i);
  return bits < 0x80 || isUtf8(data);
}

/** `i` is within the data. */
function byte(data: Uint8Array, i: number): number {
  return data[i] as number;
}
