/**
 * Server-side WebSocket frames (RFC 6455 section 5.2), encoded here and not by `ws`, for three
 * reasons: one encoded event can be shared by every subscriber, fragmentation can be chosen, and
 * frames that no correct library would send can be sent.
 */

/**
 * Opcodes that the simulators send. Close frames are left to `ws`, which owns the closing
 * handshake.
 */
const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, ping: 0x9, pong: 0xa } as const;

/** What kind of message a payload is sent as. */
export type MessageKind = "text" | "binary";

type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

/** One frame: header and payload in one buffer, unmasked as a server must. */
function frame(opcode: Opcode, payload: Uint8Array, final: boolean): Buffer {
  const size = payload.byteLength;
  const headerBytes = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const out = Buffer.allocUnsafe(headerBytes + size);
  out[0] = opcode | (final ? 0x80 : 0);
  if (headerBytes === 2) {
    out[1] = size;
  } else if (headerBytes === 4) {
    out[1] = 126;
    out.writeUInt16BE(size, 2);
  } else {
    out[1] = 127;
    out.writeUInt32BE(Math.floor(size / 4_294_967_296), 2);
    out.writeUInt32BE(size >>> 0, 6);
  }
  out.set(payload, headerBytes);
  return out;
}

/** A message in one frame. The payload is sent as it is, valid UTF-8 or not. */
export function messageFrame(payload: Uint8Array, kind: MessageKind = "text"): Buffer {
  return frame(OPCODE[kind], payload, true);
}

/**
 * A message cut into `pieces` frames of nearly equal size. Cuts fall anywhere, also inside a
 * character.
 */
export function fragmentedFrames(
  payload: Uint8Array,
  pieces: number,
  kind: MessageKind = "text",
): Buffer {
  const count = Math.max(1, Math.min(pieces, payload.byteLength));
  const frames: Buffer[] = [];
  for (let piece = 0; piece < count; piece++) {
    const from = Math.floor((payload.byteLength * piece) / count);
    const to = Math.floor((payload.byteLength * (piece + 1)) / count);
    frames.push(
      frame(
        piece === 0 ? OPCODE[kind] : OPCODE.continuation,
        payload.subarray(from, to),
        piece === count - 1,
      ),
    );
  }
  return Buffer.concat(frames);
}

/** A ping. The payload must not exceed 125 bytes. */
export function pingFrame(payload: Uint8Array): Buffer {
  return frame(OPCODE.ping, payload, true);
}

/** A pong that carries the ping's payload. */
export function pongFrame(payload: Uint8Array): Buffer {
  return frame(OPCODE.pong, payload, true);
}
