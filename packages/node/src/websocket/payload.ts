import { Buffer } from "node:buffer";
import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { SocketMessageData } from "./socket-events.js";

/** What `send()` takes. */
export type SocketSendData = string | ArrayBufferLike | ArrayBufferView;

/**
 * What a binary message is handed over as: a fresh `ArrayBuffer` (the default, and the only one
 * that WHATWG and this class share), or Node's `Buffer`, which spares a copy. `"blob"` is not
 * offered: its content can be read only later, which is too late for a price.
 */
export type SocketBinaryType = "arraybuffer" | "nodebuffer";

export const BINARY_TYPES: readonly SocketBinaryType[] = ["arraybuffer", "nodebuffer"];

/** The data of a `message` event. */
export function messageData(frame: ReceivedFrame, binaryType: SocketBinaryType): SocketMessageData {
  if (frame.kind === "text") return frame.text();
  const { buffer, byteOffset, byteLength } = frame.data;
  if (binaryType === "nodebuffer") return Buffer.from(buffer, byteOffset, byteLength);
  // Whoever gets an ArrayBuffer sees all of it, and a small message lies in a buffer with others.
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(frame.data).buffer;
}

/**
 * What goes to the sink. Bytes are copied, because `send()` returns at once and its caller may then
 * reuse them, while the frame may have to wait for the rate limit or for a connection.
 *
 * @throws WsError `FRAME_INVALID` for anything else. A `Blob` is refused, for it could be sent only
 *   later, behind what came after it
 */
export function sendPayload(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer)
    return new Uint8Array(data).slice();
  const hint =
    data instanceof Blob
      ? "await blob.arrayBuffer() and send that"
      : "send a string, an ArrayBuffer or a view of one";
  throw new WsError({
    kind: "client",
    code: "FRAME_INVALID",
    message: `this cannot be sent as it is: ${hint}`,
  });
}
