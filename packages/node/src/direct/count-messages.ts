import { Buffer } from "node:buffer";
import { FIN, readUint16, readUint32 } from "./frame-head.js";

/** Messages that were read and not decoded. */
export interface WaitingMessages {
  readonly frames: number;
  /** Payload as it was read, before decompression. */
  readonly bytes: number;
}

/**
 * Counts the data messages that end in these bytes, of which the first frame begins at `offset`. A
 * frame that breaks a rule counts as if it broke none: the connection is over anyway.
 */
export function countMessages(parts: readonly Uint8Array[], offset: number): WaitingMessages {
  const bytes = Buffer.concat(parts);
  let frames = 0;
  let payload = 0;
  let at = offset;
  while (at + 2 <= bytes.length) {
    const first = bytes[at] ?? 0;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    let headBytes = 2;
    if (length === 126) {
      headBytes = 4;
      length = readUint16(bytes, at + 2);
    } else if (length === 127) {
      headBytes = 10;
      length = readUint32(bytes, at + 2) * 2 ** 32 + readUint32(bytes, at + 6);
    }
    at += headBytes + length;
    if (at > bytes.length) break;
    if ((first & 0x0f) >= 0x8) continue;
    payload += length;
    if ((first & FIN) !== 0) frames++;
  }
  return { frames, bytes: payload };
}
