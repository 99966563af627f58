import { Buffer } from "node:buffer";

/**
 * Where the send time stands in a payload, and how long it is: nanoseconds of `CLOCK_MONOTONIC`, as
 * decimal digits.
 */
const STAMP_AT = 6;
const STAMP_DIGITS = 16;
const HEAD = `{"t":"${"0".repeat(STAMP_DIGITS)}"`;
const ZERO = 48;

/** The smallest payload there is: the stamp, and an object around it. */
export const MIN_PAYLOAD_BYTES: number = HEAD.length + 1;

/** One JSON object of exactly `bytes` bytes of ASCII, with room for a stamp. */
export function payload(bytes: number): Buffer {
  if (bytes < MIN_PAYLOAD_BYTES)
    throw new RangeError(`a payload has at least ${MIN_PAYLOAD_BYTES} bytes, asked for ${bytes}`);
  const fields: string[] = [];
  let left = bytes - MIN_PAYLOAD_BYTES;
  for (let level = 0; ; level++) {
    const field = `,"${level}":[${(64_000 + (level % 997)) / 100},${1 + (level % 89)}]`;
    if (field.length > left) break;
    fields.push(field);
    left -= field.length;
  }
  // White space between tokens is JSON too.
  return Buffer.from(`${HEAD}${fields.join("")}${" ".repeat(left)}}`, "latin1");
}

/** Writes a send time over the one in a payload that starts at `offset`. */
export function writeStamp(target: Buffer, offset: number, nanoseconds: number): void {
  let rest = nanoseconds;
  for (let at = offset + STAMP_AT + STAMP_DIGITS - 1; at >= offset + STAMP_AT; at--) {
    const next = Math.floor(rest / 10);
    target[at] = ZERO + rest - next * 10;
    rest = next;
  }
}

export function readStamp(data: Uint8Array): number {
  let value = 0;
  for (let at = STAMP_AT; at < STAMP_AT + STAMP_DIGITS; at++)
    value = value * 10 + ((data[at] ?? ZERO) - ZERO);
  return value;
}

/** The header of a frame as a server sends it: FIN, unmasked (RFC 6455 section 5.2). */
export function serverHeader(opcode: number, length: number): Buffer {
  const first = 0x80 | opcode;
  if (length < 126) return Buffer.from([first, length]);
  if (length < 65_536) return Buffer.from([first, 126, length >>> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = 127;
  header.writeUInt32BE(length, 6);
  return header;
}

/** A whole text frame from the server. */
export function textFrame(bytes: number): Buffer {
  return Buffer.concat([serverHeader(0x1, bytes), payload(bytes)]);
}

/** As many whole frames as fit, at least one: what a flood is written from. */
export interface Block {
  readonly bytes: Buffer;
  readonly frames: number;
}

const BLOCK_BYTES = 512 * 1024;

export function block(payloadBytes: number): Block {
  const frame = textFrame(payloadBytes);
  const frames = Math.max(1, Math.floor(BLOCK_BYTES / frame.length));
  const bytes = Buffer.alloc(frames * frame.length);
  for (let i = 0; i < frames; i++) frame.copy(bytes, i * frame.length);
  return { bytes, frames };
}
