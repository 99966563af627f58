import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { InboundFrame, NO_CLOSE_CODE } from "@oath-ws/resilience/leaf";
import type { WebSocket } from "ws";
import type { ReceivedClose } from "../leaf/protocol-violation.js";
import { receiverOf, watchCloseFrames } from "./ws-internals.js";
import type { FrameSocket, FrameSocketEvents } from "../leaf/frame-socket.js";
import { PacedWrites } from "../leaf/paced-writes.js";
import { ownerOf, setOwner } from "../leaf/owned-emitter.js";
import { ownCopy, PAGE_BYTES, POOL_MEMORY_BYTES } from "../leaf/shared-memory.js";

type Done = (error?: Error | null) => void;

/** npm `ws`'s client, open and not read from yet, and the stream below it. */
export class WsSocket implements FrameSocket {
  readonly #ws: WebSocket;
  readonly #stream: Duplex;
  readonly #writes: PacedWrites;
  readonly #refusedClose: () => ReceivedClose | undefined;

  constructor(ws: WebSocket, stream: Duplex) {
    this.#ws = ws;
    this.#stream = stream;
    const write: Duplex["write"] = stream.write.bind(stream);
    this.#writes = new PacedWrites(stream, (bytes, done) => write(bytes, done));
    // `ws` gives its stream a frame in one piece and ends the stream in the callback of the close
    // frame, so that its writes can be paced without its knowing.
    stream.write = (chunk: Uint8Array | string, ...rest: unknown[]) => {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      const done = rest.at(-1);
      this.#writes.write(bytes, typeof done === "function" ? (done as Done) : undefined);
      return true;
    };
    this.#refusedClose = watchCloseFrames(ws);
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  /** While Node's thread pool decompresses more than `ws` keeps in memory, `ws` pauses it. */
  get isPaused(): boolean {
    return this.#stream.isPaused();
  }

  /** Frames that `ws` is still deflating are among them. */
  get bufferedBytes(): number {
    const deflating = this.#ws.bufferedAmount - this.#stream.writableLength;
    return this.#writes.bufferedBytes + Math.max(0, deflating);
  }

  listen(events: FrameSocketEvents): void {
    const ws = this.#ws;
    const stream = this.#stream;
    setOwner(ws, events);
    setOwner(stream, events);
    // Prepended: a read is told of before `ws` parses what came.
    stream.prependListener("data", onData);
    // `ws` keeps the reason of a socket's death to itself and says 1006.
    stream.on("error", onStreamError);
    stream.on("end", onStreamEnd);
    ws.on("message", onMessage);
    ws.on("ping", onPing);
    ws.on("pong", onPong);
    ws.on("error", (error) => events.onViolation(error, this.#refusedClose()));
    ws.on("close", onClose);
    // In public `ws` tells of the peer's close frame only when TCP has ended too, which takes as
    // long as the peer likes. Its receiver says "conclude" in the moment the frame is parsed.
    // Should that ever change, "close" still brings it, late, and the tests say so.
    const receiver = receiverOf(ws);
    if (receiver === undefined) return;
    setOwner(receiver, events);
    receiver.on("conclude", onConclude);
  }

  send(data: string | Uint8Array, options: { readonly binary: boolean }, done: Done): void {
    this.#ws.send(data, options, done);
  }

  ping(data: Uint8Array, done: Done): void {
    this.#ws.ping(data, undefined, done);
  }

  pong(data: Uint8Array, done: Done): void {
    this.#ws.pong(data, undefined, done);
  }

  close(code: number, reason: string): void {
    if (code === NO_CLOSE_CODE) this.#ws.close();
    else this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }
}

function onData(this: Duplex): void {
  ownerOf<FrameSocketEvents>(this)?.onRead();
}

function onStreamError(this: Duplex, error: Error): void {
  ownerOf<FrameSocketEvents>(this)?.onStreamError(error);
}

function onStreamEnd(this: Duplex): void {
  ownerOf<FrameSocketEvents>(this)?.onStreamEnd();
}

/**
 * The memory that the last message lies in, as one array. `ws` cuts messages out of what Node read,
 * without copying, so those of one read share it; all of them come in one turn.
 */
let page: Buffer = Buffer.alloc(0);
let pageMemory: ArrayBufferLike = page.buffer;

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  ownerOf<FrameSocketEvents>(this)?.onMessage(
    // `binaryType` is left at "nodebuffer", so this is one Buffer.
    frameOf(isBinary ? "binary" : "text", data as Buffer),
  );
}

/** The first message of a read counts its memory; see `InboundFrame.retainedBytes`. */
function frameOf(kind: "binary" | "text", data: Buffer): InboundFrame {
  const memory = data.buffer;
  // `ws` puts fragments together in Node's pool, and has one empty array for all connections.
  if (memory.byteLength === POOL_MEMORY_BYTES || data.length === 0)
    return new InboundFrame(kind, ownCopy(data, 0, data.length));
  let retained = 0;
  if (memory !== pageMemory) {
    retained = memory.byteLength;
    if (retained === data.length) return new InboundFrame(kind, data);
    pageMemory = memory;
    page = Buffer.from(memory);
  }
  return new InboundFrame(kind, page, data.byteOffset, data.length, PAGE_BYTES, retained);
}

function onPing(this: WebSocket, data: Buffer): void {
  ownerOf<FrameSocketEvents>(this)?.onPing(ownCopy(data, 0, data.length));
}

function onPong(this: WebSocket, data: Buffer): void {
  ownerOf<FrameSocketEvents>(this)?.onPong(ownCopy(data, 0, data.length));
}

function onConclude(this: EventEmitter, code: number, reason: Buffer): void {
  ownerOf<FrameSocketEvents>(this)?.onPeerClose(code, ownCopy(reason, 0, reason.length));
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  ownerOf<FrameSocketEvents>(this)?.onGone(code, ownCopy(reason, 0, reason.length));
  this.removeAllListeners();
  // An "error" without a listener is thrown.
  this.on("error", ignore);
}

function ignore(): void {}
