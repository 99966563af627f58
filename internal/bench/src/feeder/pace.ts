import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { monotonicNs } from "../clock.js";
import { textFrame, writeStamp } from "../payload.js";
import { quantile } from "../stats.js";
import { atPace } from "./at-pace.js";

/** Frames that were late together go out together; more than these take a second write. */
const MAX_TOGETHER = 64;

/**
 * Writes stamped frames at an even pace. Frames whose time has passed go out at once, in one write,
 * and bear the time at which they really did.
 *
 * @returns how late frames were written, 99th percentile in microseconds
 */
export async function pace(
  socket: Socket,
  size: number,
  perSecond: number,
  count: number,
): Promise<number> {
  const frame = textFrame(size);
  const template = Buffer.concat(Array.from({ length: MAX_TOGETHER }, () => frame));
  const header = frame.length - size;
  const late = new Float64Array(count);
  await atPace(perSecond, count, (first, due, dueAtNs) => {
    if (socket.destroyed) throw new Error("the receiver hung up");
    const together = Math.min(due, MAX_TOGETHER);
    const bytes = Buffer.from(template.subarray(0, together * frame.length));
    const now = monotonicNs();
    for (let i = 0; i < together; i++) {
      late[first + i] = now - dueAtNs(first + i);
      writeStamp(bytes, i * frame.length + header, now);
    }
    socket.write(bytes);
    return together;
  });
  return quantile(late.toSorted(), 0.99) / 1e3;
}
