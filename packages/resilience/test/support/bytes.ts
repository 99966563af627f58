import type { BinaryFrame, PingFrame, PongFrame, TextFrame } from "@oath-ws/contract";

const encoder = new TextEncoder();

export function bytes(length: number, fill = 0): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textFrame(text: string): TextFrame {
  return { kind: "text", data: utf8(text) };
}

export function binaryFrame(length: number): BinaryFrame {
  return { kind: "binary", data: bytes(length) };
}

export function ping(text: string): PingFrame {
  return { kind: "ping", data: utf8(text) };
}

export function pong(text: string): PongFrame {
  return { kind: "pong", data: utf8(text) };
}
