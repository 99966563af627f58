import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { textFrame } from "../payload.js";
import { atPace } from "./at-pace.js";

/** How frames are spread. */
export interface Spreading {
  readonly size: number;
  readonly framesPerWrite: number;
  readonly writesPerSecond: number;
  readonly writes: number;
}

/** Writes to the sockets in turn, at an even pace. */
export async function spread(
  sockets: readonly Socket[],
  { size, framesPerWrite, writesPerSecond, writes }: Spreading,
): Promise<void> {
  const frame = textFrame(size);
  const bytes = Buffer.concat(Array.from({ length: framesPerWrite }, () => frame));
  await atPace(writesPerSecond, writes, (first, due) => {
    for (let i = first; i < first + due; i++) {
      const socket = sockets[i % sockets.length];
      if (socket === undefined || socket.destroyed) throw new Error("a receiver hung up");
      socket.write(bytes);
    }
    return due;
  });
}
