import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { monotonicNs } from "../clock.js";
import { serverHeader } from "../payload.js";
import { ClientFrames } from "./client-frames.js";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const EMPTY_PONG = serverHeader(0xa, 0);
/** 1000, normal. */
const CLOSE_FRAME = Buffer.concat([serverHeader(0x8, 2), Buffer.from([0x03, 0xe8])]);

/** One connection on the sending side. It is known by the path that it asked for. */
export class Peer {
  readonly name: string;
  readonly socket: Socket;
  /** Called for every data frame, if set. */
  onFrame: (() => void) | undefined;
  #frames = 0;
  #bytes = 0;
  #counter:
    | { readonly frames: number; readonly done: (atNs: number, bytes: number) => void }
    | undefined;

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.socket = socket;
    const walker = new ClientFrames({
      data: () => {
        this.#frames++;
        this.onFrame?.();
      },
      ping: () => socket.write(EMPTY_PONG),
      close: () => socket.end(CLOSE_FRAME),
    });
    socket.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      walker.push(chunk);
      if (this.#counter !== undefined && this.#frames >= this.#counter.frames) this.#counted();
    });
  }

  /** Tells when this many data frames have come since the call. */
  count(frames: number): Promise<{ readonly atNs: number; readonly bytes: number }> {
    this.#frames = 0;
    this.#bytes = 0;
    return new Promise((resolve) => {
      this.#counter = { frames, done: (atNs, bytes) => resolve({ atNs, bytes }) };
    });
  }

  #counted(): void {
    const atNs = monotonicNs();
    const counter = this.#counter;
    this.#counter = undefined;
    counter?.done(atNs, this.#bytes);
  }
}

/**
 * Answers the upgrade by hand (RFC 6455 section 4.2.2), without any extension: nobody's frames are
 * compressed.
 */
export function acceptPeer(socket: Socket, opened: (peer: Peer) => void): void {
  let request = "";
  const onData = (chunk: Buffer): void => {
    request += chunk.toString("latin1");
    if (!request.endsWith("\r\n\r\n")) return;
    socket.off("data", onData);
    const path = /^GET (\S+) HTTP/.exec(request)?.[1];
    const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1];
    if (path === undefined || key === undefined) {
      socket.destroy();
      return;
    }
    const accept = createHash("sha1")
      .update(key + GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    opened(new Peer(path, socket));
  };
  socket.on("data", onData);
}
