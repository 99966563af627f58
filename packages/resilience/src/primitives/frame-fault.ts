import type { Frame } from "@oath-ws/contract";
import { utf8Length } from "./utf8.js";

/** The largest payload of a control frame (RFC 6455 section 5.5). */
const MAX_CONTROL_BYTES = 125;
const KINDS: ReadonlySet<unknown> = new Set(["text", "binary", "ping", "pong"]);

/**
 * Names what makes a frame unfit for `send`, or gives `undefined`. Leaves and the stack refuse
 * alike.
 */
export function frameFault(frame: unknown): string | undefined {
  if (typeof frame === "string" || frame instanceof Uint8Array) return undefined;
  if (typeof frame !== "object" || frame === null)
    return `a frame must be a string, a Uint8Array or a Frame, got ${typeof frame}`;
  const { kind, data } = frame as { readonly kind?: unknown; readonly data?: unknown };
  if (kind === "close")
    return "a close frame cannot be sent: close the sink, or shut the connection down";
  if (!KINDS.has(kind))
    return `a frame's kind must be text, binary, ping or pong, got ${String(kind)}`;
  if (!(data instanceof Uint8Array)) return "a frame's data must be a Uint8Array";
  if ((kind === "ping" || kind === "pong") && data.byteLength > MAX_CONTROL_BYTES) {
    return `a ${kind} payload has at most ${MAX_CONTROL_BYTES} bytes, got ${data.byteLength}`;
  }
  return undefined;
}

/**
 * What a frame counts for in `send.maxPendingBytes`; a string counts one byte a UTF-16 unit, so as
 * not to encode it twice.
 */
export function frameBytes(frame: Frame | string | Uint8Array): number {
  if (typeof frame === "string") return frame.length;
  return frame instanceof Uint8Array ? frame.byteLength : frame.data.byteLength;
}

/**
 * Stands for a close frame without a code, on the way in and on the way out (RFC 6455 section
 * 7.4.1); it is never written into a frame.
 */
export const NO_CLOSE_CODE = 1005;

/**
 * Names what makes a close code or reason unfit for a closing handshake (RFC 6455 sections 5.5.1
 * and 7.4), or gives `undefined`. A frame without a code has no room for a reason.
 */
export function closeFault(
  code: number | undefined,
  reason: string | undefined,
): string | undefined {
  if (
    code !== undefined &&
    code !== 1000 &&
    code !== NO_CLOSE_CODE &&
    !(Number.isInteger(code) && code >= 3000 && code <= 4999)
  ) {
    return `a close code must be 1000, 3000-4999 or 1005 for none, got ${String(code)}`;
  }
  if (reason === undefined) return undefined;
  if (typeof reason !== "string") return `a close reason must be a string, got ${typeof reason}`;
  if (code === NO_CLOSE_CODE && reason !== "")
    return "a close frame without a code (1005) cannot carry a reason";
  return utf8Length(reason) > MAX_CONTROL_BYTES - 2
    ? `a close reason has at most ${MAX_CONTROL_BYTES - 2} bytes of UTF-8`
    : undefined;
}
