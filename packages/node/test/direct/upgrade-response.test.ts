import type { IncomingHttpHeaders } from "node:http";
import { isWsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { deflateAgreement, deflateOffer } from "../../src/direct/deflate-extension.js";
import { checkUpgrade } from "../../src/direct/upgrade-response.js";
import type { UpgradeExpectation } from "../../src/direct/upgrade-response.js";

const GOOD = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": "right" };

function check(headers: IncomingHttpHeaders, expected: Partial<UpgradeExpectation> = {}): unknown {
  try {
    return checkUpgrade({ ...GOOD, ...headers }, { accept: "right", protocols: [], deflate: undefined, ...expected }, "here");
  } catch (error) {
    if (!isWsError(error)) throw error;
    expect(error.message).toMatch(/^here: /);
    return `${error.kind} ${error.code}`;
  }
}

describe("a 101", () => {
  it.each([
    [{}, { protocol: "", deflate: undefined }],
    [
      { upgrade: "WebSocket", connection: "keep-alive, uPGRADE" },
      { protocol: "", deflate: undefined },
    ],
    [{ upgrade: "h2c" }, "server HANDSHAKE_INVALID"],
    [{ upgrade: undefined }, "server HANDSHAKE_INVALID"],
    [{ connection: "close" }, "server HANDSHAKE_INVALID"],
    [{ connection: "no-upgrade" }, "server HANDSHAKE_INVALID"],
    [{ connection: undefined }, "server HANDSHAKE_INVALID"],
    [{ "sec-websocket-accept": "Right" }, "server HANDSHAKE_INVALID"],
    [{ "sec-websocket-accept": undefined }, "server HANDSHAKE_INVALID"],
    [{ "sec-websocket-accept": "right, right" }, "server HANDSHAKE_INVALID"],
    [{ "sec-websocket-protocol": "v1" }, "server HANDSHAKE_INVALID"],
    [{ "sec-websocket-extensions": "permessage-deflate" }, "server HANDSHAKE_INVALID"],
  ] as const)("with %j gives %j", (headers, expected) => {
    expect(check(headers)).toEqual(expected);
  });

  it.each([
    ["v2", { protocol: "v2", deflate: undefined }],
    ["V2", "client SUBPROTOCOL_REFUSED"],
    ["v1, v2", "client SUBPROTOCOL_REFUSED"],
    ["", "client SUBPROTOCOL_REFUSED"],
    [undefined, "client SUBPROTOCOL_REFUSED"],
  ])("that chooses %j of v1 and v2 gives %j", (chosen, expected) => {
    expect(check({ "sec-websocket-protocol": chosen }, { protocols: ["v1", "v2"] })).toEqual(expected);
  });

  it("may leave a compression that was offered, and must not change it", () => {
    const agree = "permessage-deflate; server_no_context_takeover";
    expect(check({}, { deflate: {} })).toEqual({ protocol: "", deflate: undefined });
    expect(check({ "sec-websocket-extensions": agree }, { deflate: {} })).toEqual({
      protocol: "",
      deflate: { clientWindowBits: 15 },
    });
    expect(check({ "sec-websocket-extensions": "x-other" }, { deflate: {} })).toBe("server HANDSHAKE_INVALID");
  });
});

describe("permessage-deflate", () => {
  it("is offered without context takeover", () => {
    expect(deflateOffer({})).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
    );
    expect(deflateOffer({ serverMaxWindowBits: 10, clientMaxWindowBits: 11 })).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11",
    );
  });

  it.each([
    ["server_no_context_takeover", 15],
    ["server_no_context_takeover; client_no_context_takeover", 15],
    ["Server_No_Context_Takeover;server_max_window_bits=10", 15],
    ['server_no_context_takeover; client_max_window_bits="12"', 12],
    ["server_no_context_takeover; client_max_window_bits = 9", 9],
    // zlib cannot compress with so small a window.
    ["server_no_context_takeover; client_max_window_bits=8", undefined],
  ])("is agreed on by %j", (parameters, clientWindowBits) => {
    expect(deflateAgreement(`permessage-deflate; ${parameters}`, {})).toEqual({ clientWindowBits });
  });

  it.each([
    "permessage-deflate",
    "permessage-deflate; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=7",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=16",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=010",
    "permessage-deflate; server_no_context_takeover; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover; other",
    "permessage-deflate; server_no_context_takeover;",
    "permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover",
    "x-webkit-deflate-frame",
    "",
  ])("is not agreed on by %j", (header) => {
    expect(deflateAgreement(header, {})).toEqual(expect.any(String));
  });

  it("keeps to the smaller window", () => {
    const answer = "permessage-deflate; server_no_context_takeover";
    expect(deflateAgreement(answer, { clientMaxWindowBits: 10 })).toEqual({ clientWindowBits: 10 });
    expect(deflateAgreement(`${answer}; server_max_window_bits=12`, { serverMaxWindowBits: 11 })).toEqual(expect.any(String));
  });
});
