import type { Frame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { closeFrame, outgoingFrame } from "../src/outgoing.js";

const invalid = expect.objectContaining({ code: "FRAME_INVALID", kind: "client" }) as Error;
const ping: Frame = { kind: "ping", data: new Uint8Array(125) };

describe("outgoingFrame", () => {
  it("makes text of strings, binary of bytes, and takes frames as they are", () => {
    expect(outgoingFrame("é", true)).toEqual({ kind: "text", data: new Uint8Array([0xc3, 0xa9]) });
    expect(outgoingFrame(new Uint8Array([7]), true)).toEqual({
      kind: "binary",
      data: new Uint8Array([7]),
    });
    expect(outgoingFrame(ping, true)).toBe(ping);
  });

  it("refuses control frames where there are none, and what is no frame", () => {
    expect(() => outgoingFrame(ping, false)).toThrow(invalid);
    expect(() => outgoingFrame({ kind: "pong", data: new Uint8Array(126) }, true)).toThrow(invalid);
    for (const value of [undefined, null, 1, {}])
      expect(() => outgoingFrame(value as Frame, true)).toThrow(invalid);
  });
});

describe("closeFrame", () => {
  it("takes 1000 and 3000-4999, and reasons of at most 123 bytes", () => {
    for (const code of [1000, 3000, 4999]) expect(closeFrame(code, "é".repeat(61)).code).toBe(code);
    for (const code of [0, 1001, 1006, 2999, 5000, Number.NaN])
      expect(() => closeFrame(code, "")).toThrow(invalid);
    expect(() => closeFrame(1000, "é".repeat(62))).toThrow(invalid);
  });
});
