import { Blob, Buffer } from "node:buffer";
import type { ReceivedFrame } from "@oath-ws/contract";
import { frameInvalid } from "@oath-ws/resilience/leaf";
import type { SocketMessageData } from "./socket-events.js";
import { toDomString } from "./web-idl.js";

/**
 * What `send()` sends as it is: strings as text, bytes as binary. Any other value except a `Blob`
 * is converted to a string, as the standard does.
 */
export type SocketSendData = string | ArrayBufferLike | ArrayBufferView;

/**
 * The type of a binary message: an `ArrayBuffer` of its own (the default), Node's `Buffer`, which
 * saves a copy, or a `Blob`, whose bytes can be read only later: too late for a price.
 */
export type SocketBinaryType = "arraybuffer" | "blob" | "nodebuffer";

export const BINARY_TYPES: readonly SocketBinaryType[] = ["arraybuffer", "blob", "nodebuffer"];

/** Whether the value is a {@link SocketBinaryType}. */
export function isBinaryType(value: unknown): value is SocketBinaryType {
  return (BINARY_TYPES as readonly unknown[]).includes(value);
}

/** Makes the data of a `message` event. */
export function messageData(frame: ReceivedFrame, binaryType: SocketBinaryType): SocketMessageData {
  if (frame.kind === "text") return frame.text();
  const { buffer, byteOffset, byteLength } = frame.data;
  switch (binaryType) {
    case "nodebuffer":
      return Buffer.from(buffer, byteOffset, byteLength);
    case "blob":
      return new Blob([frame.data]);
    case "arraybuffer":
      // The receiver of an ArrayBuffer sees all of it, and a small message shares its buffer with
      // others.
      if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
      return new Uint8Array(frame.data).buffer;
    default:
      return binaryType satisfies never;
  }
}

/**
 * Makes the payload of a frame. Bytes are copied: `send()` returns at once and its caller may then
 * reuse them, while the frame may have to wait for the rate limit or for a connection.
 *
 * @throws WsError `FRAME_INVALID` for a `Blob`: its bytes come only later, behind what is sent next
 * @throws TypeError for a symbol, or an object that cannot be converted to a string
 */
export function sendPayload(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer)
    return new Uint8Array(data).slice();
  if (data instanceof Blob) {
    throw frameInvalid("a Blob cannot be sent: await blob.arrayBuffer() and send that");
  }
  return toDomString(data);
}
