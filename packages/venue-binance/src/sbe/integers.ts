/**
 * Integers of SBE, little-endian, read byte by byte: a `DataView` would be one more object for each
 * frame. Whoever calls has checked that the bytes are there; one beyond the end reads as zero.
 */
import { unknownFrame } from "../feed/unknown-frame.js";

const TWO_32 = 4_294_967_296;
/** High halves between which 64 bits always fit a double: 2^53 = 2^21 * 2^32. */
const SAFE_HIGH = 2_097_152;
/** The high half of the smallest value, which SBE keeps for "null". */
const NULL_HIGH = -2_147_483_648;

/** An unsigned byte. */
export function u8At(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** A signed byte. */
export function i8At(bytes: Uint8Array, at: number): number {
  return (u8At(bytes, at) << 24) >> 24;
}

/** An unsigned 16-bit integer. */
export function u16At(bytes: Uint8Array, at: number): number {
  return u8At(bytes, at) | (u8At(bytes, at + 1) << 8);
}

/** An unsigned 32-bit integer. */
export function u32At(bytes: Uint8Array, at: number): number {
  return i32At(bytes, at) >>> 0;
}

/** An id or a time. @throws WsError `FRAME_UNKNOWN` for one that no double holds exactly */
export function wholeAt(bytes: Uint8Array, at: number): number {
  const value = mantissaAt(bytes, at);
  if (typeof value === "number") return value;
  throw unknownFrame("an id or a time beyond 2^53 in SBE");
}

/**
 * A 64-bit mantissa: a `number` where one holds it exactly, and a `bigint` beyond 2^53.
 *
 * @throws WsError `FRAME_UNKNOWN` for the value that stands for "null": no field here may have none
 */
export function mantissaAt(bytes: Uint8Array, at: number): number | bigint {
  const low = u32At(bytes, at);
  const high = i32At(bytes, at + 4);
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return high * TWO_32 + low;
  if (high === NULL_HIGH && low === 0) throw unknownFrame("no value where SBE has one");
  return BigInt(high) * 4_294_967_296n + BigInt(low);
}

function i32At(bytes: Uint8Array, at: number): number {
  return (
    u8At(bytes, at) |
    (u8At(bytes, at + 1) << 8) |
    (u8At(bytes, at + 2) << 16) |
    (u8At(bytes, at + 3) << 24)
  );
}
