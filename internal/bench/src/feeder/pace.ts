import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { monotonicNs } from "../clock.js";
import { TRADE_BYTES } from "../model.js";
import type { Spreading } from "../model.js";
import { block, writeStamp } from "../payload.js";
import { atPace } from "./at-pace.js";

/** Frames that are late together leave together; more than these take a second write. */
const MAX_TOGETHER = 64;

const ONE = block(TRADE_BYTES, false, 1);
const MANY: Buffer = Buffer.concat(Array.from({ length: MAX_TOGETHER }, () => ONE.bytes));

/**
 * Writes frames at an even pace, each stamped with the time of its write. Frames whose time has
 * passed leave at once, in one write.
 */
export async function pace(socket: Writable, perSecond: number, count: number): Promise<void> {
  const header = ONE.frameBytes - TRADE_BYTES;
  await atPace(perSecond, count, (_first, due) => {
    if (socket.destroyed) throw new Error("the receiver closed its connection");
    const together = Math.min(due, MAX_TOGETHER);
    const bytes = Buffer.from(MANY.subarray(0, together * ONE.frameBytes));
    const now = monotonicNs();
    for (let i = 0; i < together; i++) writeStamp(bytes, i * ONE.frameBytes + header, now);
    socket.write(bytes);
    return together;
  });
}

/** Writes to the sockets in turn, at an even pace. */
export async function spread(
  sockets: readonly Writable[],
  { framesPerWrite, writesPerSecond }: Spreading,
  count: number,
): Promise<void> {
  const bytes = MANY.subarray(0, framesPerWrite * ONE.frameBytes);
  await atPace(writesPerSecond, count / framesPerWrite, (first, due) => {
    for (let i = first; i < first + due; i++) {
      const socket = sockets[i % sockets.length];
      if (socket === undefined || socket.destroyed) throw new Error("a receiver closed");
      socket.write(bytes);
    }
    return due;
  });
}
