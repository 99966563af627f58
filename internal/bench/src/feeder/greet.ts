import { monotonicNs } from "../clock.js";
import { textFrame, writeStamp } from "../payload.js";
import type { Peer } from "./peer.js";

const BYTES = 150;

/** When the last connection of each name was reset, in nanoseconds. */
const resetAt = new Map<string, number>();

/**
 * Sends one frame as soon as the connection is open, stamped with the time at which the connection
 * before it was reset, and resets this one when the client says anything.
 */
export function greet(peer: Peer): void {
  const frame = textFrame(BYTES);
  writeStamp(frame, frame.length - BYTES, resetAt.get(peer.name) ?? 0);
  peer.socket.write(frame);
  peer.onFrame = () => {
    resetAt.set(peer.name, monotonicNs());
    peer.socket.resetAndDestroy();
  };
}
