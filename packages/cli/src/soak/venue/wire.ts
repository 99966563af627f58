/** The opcodes that this server knows; it passes over others. */
export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame of the server: final and unmasked. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** A frame of the client. */
export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * Finds the frames in what a client sends. Each is taken for a whole message: no client of the
 * table cuts its small texts into pieces.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete with these bytes. */
  *push(bytes: Buffer): Generator<ClientFrame> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #next(): ClientFrame | undefined {
    const rest = this.#rest;
    if (rest.length < 2) return undefined;
    const short = rest.readUInt8(1) & 0x7f;
    const mask = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (rest.length < mask + 4) return undefined;
    const length =
      short === 126
        ? rest.readUInt16BE(2)
        : short === 127
          ? Number(rest.readBigUInt64BE(2))
          : short;
    const start = mask + 4;
    if (rest.length < start + length) return undefined;
    const payload = Buffer.from(rest.subarray(start, start + length));
    for (let index = 0; index < length; index++)
      payload[index] = (payload[index] ?? 0) ^ (rest[mask + (index & 3)] ?? 0);
    this.#rest = rest.subarray(start + length);
    return { opcode: rest.readUInt8(0) & 0x0f, payload };
  }
}
