import type { Frame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { outgoingFrame } from "../src/outgoing.js";

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

  it("refuses control frames where there are none", () => {
    expect(() => outgoingFrame(ping, false)).toThrow(invalid);
    expect(() => outgoingFrame({ kind: "pong", data: new Uint8Array(0) }, false)).toThrow(invalid);
  });
});
