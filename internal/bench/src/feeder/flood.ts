import { once } from "node:events";
import type { Socket } from "node:net";
import type { Block } from "../payload.js";

/** Writes as fast as the peer takes it, and holds at most one block back. */
export async function flood(socket: Socket, { bytes }: Block, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    if (socket.destroyed) throw new Error("the receiver hung up");
    if (!socket.write(bytes)) await drained(socket);
  }
}

async function drained(socket: Socket): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([
      once(socket, "drain", { signal: over.signal }),
      once(socket, "close", { signal: over.signal }),
    ]);
  } finally {
    over.abort();
  }
}
