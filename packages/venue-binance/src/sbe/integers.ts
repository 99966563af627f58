/**
 * Integers of SBE, little-endian. The two halves of 64 bits are read as 32-bit integers, and put
 * together as a double: a `BigInt` for each would take three times as long. Call these for bytes
 * that are known to be there; beyond the end of the view they throw.
 */
import { unknownFrame } from "../feed/unknown-frame.js";

/** What the high half counts. */
export const TWO_32 = 4_294_967_296;
/** High halves between which 64 bits always fit a double: 2^53 = 2^21 * 2^32. */
export const SAFE_HIGH = 2_097_152;
/** The high half of the smallest value, which SBE keeps for "null". */
const NULL_HIGH = -2_147_483_648;

/** An id or a time. @throws WsError `FRAME_UNKNOWN` for one that no double holds exactly */
export function wholeAt(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return high * TWO_32 + view.getUint32(at, true);
  throw unknownFrame("an id or a time beyond 2^53 in SBE");
}

/**
 * A 64-bit mantissa: a `number` where one holds it exactly, and a `bigint` beyond 2^53.
 *
 * @throws WsError `FRAME_UNKNOWN` for the value that stands for "null": no field here may have none
 */
export function mantissaAt(view: DataView, at: number): number | bigint {
  const low = view.getUint32(at, true);
  const high = view.getInt32(at + 4, true);
  if (high >= -SAFE_HIGH && high < SAFE_HIGH) return high * TWO_32 + low;
  if (high === NULL_HIGH && low === 0) throw unknownFrame("no value where SBE has one");
  return BigInt(high) * 4_294_967_296n + BigInt(low);
}
