import { createHash } from "node:crypto";
import type { Frame } from "@oath-ws/contract";

/** RFC 6455 section 5.2. */
const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const KINDS = new Map(
  Object.entries(OPCODES).map(([kind, opcode]) => [opcode as number, kind as Frame["kind"]]),
);

/**
 * A frame as a server sends it: whole and unmasked. A close frame with code 1005 has an empty
 * payload.
 */
export function encodeFrame(frame: Frame): Buffer {
  const payload =
    frame.kind === "close" ? closePayload(frame.code, frame.data) : Buffer.from(frame.data);
  return Buffer.concat([header(OPCODES[frame.kind], payload.length), payload]);
}

/** The header of a binary frame of 1000 bytes, and ten of these. */
export function partialFrame(): Buffer {
  return Buffer.concat([header(OPCODES.binary, 1000), Buffer.alloc(10)]);
}

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeUIntBE(length, 4, 6);
  return head;
}

function closePayload(code: number, reason: Uint8Array): Buffer {
  if (code === 1005) return Buffer.alloc(0);
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code, 0);
  payload.set(reason, 2);
  return payload;
}

/** Takes the frames of a client, masked and unfragmented, out of a stream of bytes. */
export class ClientFrames {
  #bytes = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#shift(); frame !== undefined; frame = this.#shift()) frames.push(frame);
    return frames;
  }

  #shift(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const short = bytes.readUInt8(1) & 0x7f;
    const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < maskAt + 4) return undefined;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUIntBE(4, 6);
    const end = maskAt + 4 + length;
    if (bytes.length < end) return undefined;
    const mask = bytes.subarray(maskAt, maskAt + 4);
    const data = Uint8Array.from(
      bytes.subarray(maskAt + 4, end),
      (byte, index) => byte ^ mask.readUInt8(index & 3),
    );
    this.#bytes = bytes.subarray(end);
    return toFrame(KINDS.get(bytes.readUInt8(0) & 0x0f) ?? "binary", data);
  }
}

function toFrame(kind: Frame["kind"], data: Uint8Array): Frame {
  if (kind !== "close") return { kind, data };
  return {
    kind,
    code: data.length < 2 ? 1005 : Buffer.from(data).readUInt16BE(0),
    data: data.subarray(2),
  };
}

/** The head of an upgrade request, taken apart. */
export interface UpgradeRequest {
  readonly target: string;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

export function parseRequest(head: string): UpgradeRequest {
  const [first = "", ...lines] = head.trimEnd().split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const offered = headers["sec-websocket-protocol"];
  const protocols = offered === undefined ? [] : offered.split(",").map((name) => name.trim());
  return { target: first.split(" ")[1] ?? "", protocols, headers };
}

/** The 101 that fits the request. */
export function switchingProtocols(request: UpgradeRequest, protocol: string | undefined): string {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const chosen = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: " +
    `Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`
  );
}
