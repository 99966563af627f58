import { expect, it } from "vitest";
import { handshakeFault } from "../../src/errors/handshake-fault.js";

it.each(["Sec-WebSocket-Extensions", "sec-websocket-key", "Upgrade"])(
  "the header %s is the transport's own, and refused from the caller",
  (name) => {
    const handshake = { url: "wss://venue.test/", protocols: [], headers: { [name]: "x" } };
    expect(handshakeFault(handshake)).toMatchObject({ code: "HANDSHAKE_OPTIONS_INVALID" });
  },
);
