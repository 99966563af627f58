import { createHash } from "node:crypto";

/** RFC 6455 section 5.2 opcodes. */
export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Encodes a frame as a server sends it; the options make it wrong. */
export function frame(
  opcode: number,
  payload: string | Uint8Array = "",
  options: { fin?: boolean; rsv?: number; masked?: boolean } = {},
): Buffer {
  const data = Buffer.from(payload);
  const first = (options.fin === false ? 0 : 0x80) | ((options.rsv ?? 0) << 4) | opcode;
  const maskBit = options.masked === true ? 0x80 : 0;
  let head: Buffer;
  if (data.length < 126) {
    head = Buffer.from([first, maskBit | data.length]);
  } else if (data.length < 65_536) {
    head = Buffer.from([first, maskBit | 126, 0, 0]);
    head.writeUInt16BE(data.length, 2);
  } else {
    head = Buffer.alloc(10);
    head.set([first, maskBit | 127]);
    head.writeUIntBE(data.length, 4, 6);
  }
  // A mask of zeroes leaves the payload as it is.
  return Buffer.concat([head, Buffer.alloc(options.masked === true ? 4 : 0), data]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

/**
 * The first frame that a client sent, unmasked, and what follows it; `undefined` while it is not
 * complete.
 */
export function decodeClientFrame(
  bytes: Buffer,
): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < maskAt + 4) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUIntBE(4, 6);
  const start = maskAt + 4;
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  for (let i = 0; i < length; i++) payload[i]! ^= bytes[maskAt + (i & 3)]!;
  return { opcode: bytes[0]! & 0x0f, payload, rest: bytes.subarray(start + length) };
}

/** The 101 that fits the request; `headers` are added, one line each. */
export function switchingProtocols(request: string, headers: readonly string[] = []): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? "";
  const accept = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const head = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...headers,
  ];
  return `${head.join("\r\n")}\r\n\r\n`;
}
