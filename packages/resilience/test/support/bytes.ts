import type { PingFrame, PongFrame, TextFrame } from "@oath-ws/contract";

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textFrame(text: string): TextFrame {
  return { kind: "text", data: utf8(text) };
}

export function ping(text: string): PingFrame {
  return { kind: "ping", data: utf8(text) };
}

export function pong(text: string): PongFrame {
  return { kind: "pong", data: utf8(text) };
}
