import type { Frame, LeafFrame } from "@oath-ws/contract";
import { frameInvalid } from "@oath-ws/resilience/leaf";
import { toUtf8 } from "./utf8.js";

/**
 * The frame that a valid argument of `LeafConnection.send` stands for. Throws a `WsError`
 * `FRAME_INVALID` for a control frame where there are none.
 */
export function outgoingFrame(
  input: Frame | string | Uint8Array,
  controlFrames: boolean,
): LeafFrame {
  if (typeof input === "string") return { kind: "text", data: toUtf8(input) };
  if (input instanceof Uint8Array) return { kind: "binary", data: input };
  const frame = input as LeafFrame;
  if (!controlFrames && (frame.kind === "ping" || frame.kind === "pong")) {
    throw frameInvalid("this connector cannot send control frames");
  }
  return frame;
}
