import { createHash } from "node:crypto";

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export const OPCODES = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

export interface FrameBits {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Default true. */
  readonly isFinal?: boolean;
  /** Sets the first reserved bit, which nothing was agreed on for. Default false. */
  readonly isReserved?: boolean;
  /** Says that the payload is masked, which a server must not do. Default false. */
  readonly isMasked?: boolean;
}

/** One frame as a server sends it, right or wrong. */
export function serverFrame(bits: FrameBits): Buffer {
  const { opcode, payload, isFinal = true, isReserved = false, isMasked = false } = bits;
  const isLong = payload.length > 125;
  if (payload.length > 0xffff) throw new RangeError("frames of the simulation are short");
  const head = Buffer.alloc(isLong ? 4 : 2);
  head[0] = (isFinal ? 0x80 : 0) | (isReserved ? 0x40 : 0) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (isLong ? 126 : payload.length);
  if (isLong) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, ...(isMasked ? [Buffer.alloc(4)] : []), payload]);
}

/** The answer that opens a WebSocket, to this key. */
export function acceptUpgrade(key: string): string {
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  return upgradeAnswer(accept);
}

/** The same with any value of the header. */
export function upgradeAnswer(accept: string): string {
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: " +
    `Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
  );
}

/** A frame of the client. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const MASK_LENGTH = 4;

/**
 * How long the head of the frame is with which these bytes begin, without a mask, and how long its
 * payload (RFC 6455, section 5.2); `undefined` while the head is not whole.
 */
export function extentOf(
  bytes: Buffer,
): { readonly headLength: number; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const headLength = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < headLength) return undefined;
  if (short === 126) return { headLength, length: bytes.readUInt16BE(2) };
  if (short === 127) return { headLength, length: Number(bytes.readBigUInt64BE(2)) };
  return { headLength, length: short };
}

/**
 * Reads what a client sends on one connection: the upgrade request, then frames. Written apart from
 * the client's own codec, so that both cannot share a misunderstanding.
 */
export class ClientStream {
  #bytes: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  readonly #onRequest: (head: string) => void;
  readonly #onFrame: (frame: ClientFrame) => void;
  readonly #speaksFrames: () => boolean;

  /** @param speaksFrames asked after the request; what follows another one is not looked at */
  constructor(
    onRequest: (head: string) => void,
    onFrame: (frame: ClientFrame) => void,
    speaksFrames: () => boolean = () => true,
  ) {
    this.#onRequest = onRequest;
    this.#onFrame = onFrame;
    this.#speaksFrames = speaksFrames;
  }

  push(bytes: Uint8Array): void {
    if (this.#isUpgraded && !this.#speaksFrames()) return;
    this.#bytes =
      this.#bytes.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#bytes, bytes]);
    if (!this.#isUpgraded && (!this.#readRequest() || !this.#speaksFrames())) return;
    while (this.#readFrame()) {
      // Everything happens in #readFrame().
    }
  }

  #readRequest(): boolean {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const head = this.#bytes.toString("latin1", 0, end);
    this.#bytes = this.#bytes.subarray(end + 4);
    this.#isUpgraded = true;
    this.#onRequest(head);
    return true;
  }

  #readFrame(): boolean {
    const bytes = this.#bytes;
    const extent = extentOf(bytes);
    if (extent === undefined) return false;
    const { headLength, length } = extent;
    const start = headLength + MASK_LENGTH;
    if (bytes.length < start + length) return false;
    if (((bytes[1] ?? 0) & 0x80) === 0) throw new Error("a client must mask its frames");
    const payload = Buffer.alloc(length);
    for (let i = 0; i < length; i++)
      payload[i] = (bytes[start + i] ?? 0) ^ (bytes[headLength + (i % 4)] ?? 0);
    this.#bytes = bytes.subarray(start + length);
    this.#onFrame({ opcode: (bytes[0] ?? 0) & 0x0f, payload });
    return true;
  }
}

/** The value of a header of a request, without regard to case; empty when it is missing. */
export function headerOf(head: string, name: string): string {
  const found = head
    .split("\r\n")
    .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return found?.slice(name.length + 1).trim() ?? "";
}
