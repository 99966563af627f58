import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";

/**
 * Where the send time stands in a payload, and how long it is: nanoseconds of `CLOCK_MONOTONIC`, as
 * decimal digits.
 */
const STAMP_AT = 6;
const STAMP_DIGITS = 16;
const HEAD = `{"t":"${"0".repeat(STAMP_DIGITS)}"`;
const ZERO = 48;

/** The smallest payload: the stamp, and an object around it. */
const MIN_PAYLOAD_BYTES = HEAD.length + 1;

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

const FIN = 0x80;
/** The message is compressed (RFC 7692 section 6). */
const RSV1 = 0x40;
const TEXT = 0x1;
const BINARY = 0x2;

/** A whole message as a server sends it: one frame, unmasked (RFC 6455 section 5.2). */
export function serverFrame(kind: "text" | "binary", message: Buffer): Buffer {
  const first = FIN | (kind === "text" ? TEXT : BINARY);
  return Buffer.concat([header(first, message.length), message]);
}

/** A text message compressed without a context of earlier ones (RFC 7692 section 7.2.1). */
function deflatedFrame(message: Buffer): Buffer {
  const flushed = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH });
  // Every flush ends in 00 00 ff ff, which is not sent.
  const deflated = flushed.subarray(0, -4);
  return Buffer.concat([header(FIN | RSV1 | TEXT, deflated.length), deflated]);
}

function header(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length]);
  if (length < 65_536) return Buffer.from([first, 126, length >>> 8, length & 0xff]);
  const long = Buffer.alloc(10);
  long[0] = first;
  long[1] = 127;
  long.writeUInt32BE(length, 6);
  return long;
}

/** Equal whole frames, at least one: what a flood is written from. */
export interface Block {
  readonly bytes: Buffer;
  readonly frames: number;
  readonly frameBytes: number;
}

const BLOCK_BYTES = 512 * 1024;

export function block(payloadBytes: number, isDeflated = false, most: number = BLOCK_BYTES): Block {
  const message = payload(payloadBytes);
  const frame = isDeflated ? deflatedFrame(message) : serverFrame("text", message);
  const frames = Math.max(1, Math.floor(most / frame.length));
  const bytes = Buffer.concat(Array.from({ length: frames }, () => frame));
  return { bytes, frames, frameBytes: frame.length };
}
