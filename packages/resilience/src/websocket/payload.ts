import { frameInvalid } from "../primitives/leaf-errors.js";
import { toDomString } from "./web-idl.js";

/**
 * What `send()` sends as it is: strings as text, bytes as binary. Any other value except a `Blob`
 * is converted to a string, as the standard does.
 */
export type SocketSendData = string | ArrayBufferLike | ArrayBufferView;

/** The types of a binary message that every platform has. */
export type StandardBinaryType = "arraybuffer" | "blob";

/** What a platform makes of the bytes of a binary message, by `binaryType`. */
export type BinaryTypes<Binary extends string, Data> = Readonly<
  Record<Binary, (bytes: Uint8Array) => Data>
>;

/** The types of a binary message that every platform has. */
export const STANDARD_BINARY_TYPES: BinaryTypes<StandardBinaryType, ArrayBuffer | Blob> = {
  // The receiver of an ArrayBuffer sees all of it, and a small message shares its buffer with
  // others.
  arraybuffer: (bytes) =>
    tagOf(bytes.buffer) === "ArrayBuffer" && bytes.byteLength === bytes.buffer.byteLength
      ? (bytes.buffer as ArrayBuffer)
      : new Uint8Array(bytes).buffer,
  blob: (bytes) => new Blob([bytes]),
};

/**
 * Makes the payload of a frame. Bytes are copied: `send()` returns at once and its caller may then
 * reuse them, while the frame may have to wait for the rate limit or for a connection. What is what
 * is told by tag: a value may come from another frame of the page, and a page may lack
 * `SharedArrayBuffer`.
 *
 * @throws WsError `FRAME_INVALID` for a `Blob`: its bytes come only later, behind what is sent next
 * @throws TypeError for a symbol, or an object that cannot be converted to a string
 */
export function sendPayload(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  switch (tagOf(data)) {
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return new Uint8Array(data as ArrayBufferLike).slice();
    case "Blob":
    case "File":
      throw frameInvalid("a Blob cannot be sent: await blob.arrayBuffer() and send that");
    default:
      return toDomString(data);
  }
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
