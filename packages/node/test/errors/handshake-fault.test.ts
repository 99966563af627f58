import type { Handshake } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { handshakeFault } from "../../src/errors/handshake-fault.js";

const GOOD: Handshake = {
  url: "wss://host/path?token=1",
  protocols: ["v1", "v2"],
  headers: { Cookie: "a=b", Host: "other", "x-empty": "" },
};

describe("handshakeFault", () => {
  it("has nothing to say about a good one", () => {
    expect(handshakeFault(GOOD)).toBeUndefined();
  });

  it.each(["http://host/", "ws://", "", "host", "ws://host/#top"])(
    "names the fault of the URL %j",
    (url) => {
      expect(handshakeFault({ ...GOOD, url })).toMatchObject({
        kind: "client",
        code: "URL_INVALID",
      });
    },
  );

  it.each([
    [{ headers: { "x y canary": "1" } }, "the name of header 1 is not a token of RFC 9110"],
    [{ headers: { "": "1" } }, "the name of header 1 is not a token of RFC 9110"],
    [
      { headers: { "x-bad": "canary\r\nx-more: 1" } },
      'the value of the header "x-bad" holds a character that no header may hold',
    ],
    [
      { headers: { "x-bad": "canary \u{1f511}" } },
      'the value of the header "x-bad" holds a character that no header may hold',
    ],
    [{ headers: { "x-bad": 7 } }, 'the value of the header "x-bad" must be a string'],
    [
      { headers: { "Sec-WebSocket-Key": "canary" } },
      'the header "Sec-WebSocket-Key" is written by the transport itself',
    ],
    [
      { headers: { connection: "close" } },
      'the header "connection" is written by the transport itself',
    ],
    [{ headers: null }, "the headers must be an object"],
    [{ headers: ["a"] }, "the headers must be an object"],
    [{ protocols: ["good", "bad canary"] }, "subprotocol 2 is not a token of RFC 9110"],
    [{ protocols: [""] }, "subprotocol 1 is not a token of RFC 9110"],
    [{ protocols: [7] }, "subprotocol 1 is not a token of RFC 9110"],
    [{ protocols: ["v1", "v1"] }, "subprotocol 2 is there twice"],
    [{ protocols: "v1" }, "the subprotocols must be an array"],
  ])("%o: %s", (wrong, message) => {
    const error = handshakeFault({ ...GOOD, ...(wrong as Partial<Handshake>) });
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID", message });
    expect(message).not.toContain("canary");
  });

  it("lists every fault at once", () => {
    const error = handshakeFault({
      ...GOOD,
      protocols: ["a b"],
      headers: { upgrade: "h2c", x: "\n" },
    });
    expect(error?.message.split("; ")).toHaveLength(3);
  });
});
