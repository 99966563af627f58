import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { monotonicNs } from "../clock.js";
import { textFrame, writeStamp } from "../payload.js";
import { quantile } from "../stats.js";

/**
 * Writes stamped frames at an even pace. It spins, with one look at the event loop per turn: timers are too coarse for 100 us. A frame
 * whose time has passed goes out at once, and bears the time at which it really did.
 *
 * @returns how late frames were written, 99th percentile in microseconds
 */
export async function pace(socket: Socket, size: number, perSecond: number, count: number): Promise<number> {
  const template = textFrame(size);
  const header = template.length - size;
  const gapNs = 1e9 / perSecond;
  const late = new Float64Array(count);
  const startNs = monotonicNs() + 5e6;
  for (let sent = 0; sent < count; ) {
    if (socket.destroyed) throw new Error("the receiver hung up");
    for (let now = monotonicNs(); sent < count && now >= startNs + sent * gapNs; now = monotonicNs()) {
      late[sent] = now - (startNs + sent * gapNs);
      const frame = Buffer.from(template);
      writeStamp(frame, header, monotonicNs());
      socket.write(frame);
      sent++;
    }
    await nextTurn();
  }
  return quantile(late.toSorted(), 0.99) / 1e3;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
