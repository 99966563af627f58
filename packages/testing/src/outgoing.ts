import { WsError } from "@oath-ws/contract";
import type {
  BinaryFrame,
  CloseFrame,
  Frame,
  PingFrame,
  PongFrame,
  TextFrame,
} from "@oath-ws/contract";
import { closeFault, frameFault } from "@oath-ws/resilience";
import { toUtf8 } from "./utf8.js";

/** What `WsSink.send` may put on the wire. */
export type OutgoingFrame = TextFrame | BinaryFrame | PingFrame | PongFrame;

/**
 * The frame that the argument of `WsSink.send` stands for. Throws a `WsError` `FRAME_INVALID` when
 * it cannot be sent.
 */
export function outgoingFrame(
  input: Frame | string | Uint8Array,
  controlFrames: boolean,
): OutgoingFrame {
  const fault = frameFault(input);
  if (fault !== undefined) throw frameInvalid(fault);
  if (typeof input === "string") return { kind: "text", data: toUtf8(input) };
  if (input instanceof Uint8Array) return { kind: "binary", data: input };
  const frame = input as OutgoingFrame;
  if (!controlFrames && (frame.kind === "ping" || frame.kind === "pong")) {
    throw frameInvalid("this leaf cannot send control frames");
  }
  return frame;
}

/**
 * The close frame for the arguments of `WsSink.close`. Throws a `WsError` `FRAME_INVALID` when they
 * cannot be sent.
 */
export function closeFrame(code: number, reason: string): CloseFrame {
  const fault = closeFault(code, reason);
  if (fault !== undefined) throw frameInvalid(fault);
  return { kind: "close", code, data: toUtf8(reason) };
}

function frameInvalid(message: string): WsError {
  return new WsError({ kind: "client", code: "FRAME_INVALID", message });
}
