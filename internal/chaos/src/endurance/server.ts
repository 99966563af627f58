import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PAYLOAD_BYTES = 40;
const BLOCK_FRAMES = 10_000;

const frame = Buffer.alloc(2 + PAYLOAD_BYTES, "x");
frame[0] = 0x81;
frame[1] = PAYLOAD_BYTES;
const block = Buffer.alloc(frame.length * BLOCK_FRAMES);
for (let i = 0; i < BLOCK_FRAMES; i++) frame.copy(block, i * frame.length);

/**
 * What the paths do: `/drop/K` sends K frames and leaves without a close frame, `/reset/K` sends K
 * and resets, `/flood/N` sends N as fast as they are read and stays, `/tick/MS` sends one every MS
 * milliseconds.
 */
const BEHAVIOURS: Readonly<Record<string, (socket: Socket, argument: number) => void>> = {
  drop: (socket, frames) => void socket.end(repeated(frames)),
  reset: (socket, frames) => void socket.write(repeated(frames), () => socket.resetAndDestroy()),
  flood: (socket, frames) => void flood(socket, frames),
  tick: (socket, everyMs) => {
    const timer = setInterval(() => socket.write(frame), everyMs);
    socket.once("close", () => clearInterval(timer));
  },
};

function repeated(frames: number): Buffer {
  return block.subarray(0, frames * frame.length);
}

async function flood(socket: Socket, frames: number): Promise<void> {
  for (let sent = 0; sent < frames && !socket.destroyed; sent += BLOCK_FRAMES) {
    if (socket.write(repeated(Math.min(BLOCK_FRAMES, frames - sent)))) continue;
    const over = new AbortController();
    await Promise.race([once(socket, "drain", over), once(socket, "close", over)]);
    over.abort();
  }
}

function serve(socket: Socket): void {
  let head = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    // Afterwards only pings and the close frame come, each in a write of its own. Frames are
    // liveness enough to leave the pings alone.
    if (head.endsWith("\r\n\r\n")) {
      if (chunk[0] === 0x88) socket.end(Buffer.from([0x88, 0]));
      return;
    }
    head += chunk.toString("latin1");
    if (!head.endsWith("\r\n\r\n")) return;
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? "";
    const accept = createHash("sha1")
      .update(key + GUID)
      .digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: " +
        `Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const [, name = "", argument = "0"] = /^GET \/(\w+)\/(\d+)/.exec(head) ?? [];
    BEHAVIOURS[name]?.(socket, Number(argument));
  });
}

// In a process of its own, so that what is measured on the other side is the client alone.
const server = createServer({ noDelay: true }, serve);
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
