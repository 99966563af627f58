import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Block } from "../payload.js";

/** Writes `count` equal frames as fast as the peer takes them. */
export async function flood(socket: Writable, block: Block, count: number): Promise<void> {
  for (let left = count; left > 0; left -= block.frames) {
    const frames = Math.min(left, block.frames);
    await write(socket, block.bytes.subarray(0, frames * block.frameBytes));
  }
}

/** Writes, and waits while the socket holds more than it wants. */
export async function write(socket: Writable, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed) throw new Error("the receiver closed its connection");
  if (socket.write(bytes)) return;
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]);
  } finally {
    over.abort();
  }
}
