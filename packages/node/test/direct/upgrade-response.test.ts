import { isWsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { deflateAgreement, deflateOffer } from "../../src/direct/deflate-extension.js";
import { checkUpgrade } from "../../src/direct/upgrade-response.js";
import type { UpgradeExpectation } from "../../src/direct/upgrade-response.js";

const GOOD = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": "right" };

function check(
  headers: Readonly<Record<string, string | undefined>>,
  expected: Partial<UpgradeExpectation> = {},
): unknown {
  try {
    return checkUpgrade(
      { ...GOOD, ...headers },
      { accept: "right", protocols: [], deflate: undefined, ...expected },
      "here",
    );
  } catch (error) {
    if (!isWsError(error)) throw error;
    return `${error.kind} ${error.code} ${error.message}`;
  }
}

function invalid(why: string): string {
  return `server HANDSHAKE_INVALID here: ${why}`;
}

function extension(why: string): string {
  return `server EXTENSION_INVALID here: ${why}`;
}

function refused(chosen: string): string {
  return `client SUBPROTOCOL_REFUSED here: the server chose ${chosen}`;
}

describe("a 101", () => {
  it.each([
    [{}, { protocol: "", deflate: undefined }],
    [
      { upgrade: "WebSocket", connection: "keep-alive, uPGRADE" },
      { protocol: "", deflate: undefined },
    ],
    [{ upgrade: "h2c" }, invalid("the server upgrades to something else")],
    [{ upgrade: undefined }, invalid("the server upgrades to something else")],
    [{ connection: "close" }, invalid("the Connection header does not say upgrade")],
    [{ connection: "no-upgrade" }, invalid("the Connection header does not say upgrade")],
    [{ connection: undefined }, invalid("the Connection header does not say upgrade")],
    [{ "sec-websocket-accept": "Right" }, invalid("the Sec-WebSocket-Accept header is wrong")],
    [{ "sec-websocket-accept": undefined }, invalid("the Sec-WebSocket-Accept header is wrong")],
    [
      { "sec-websocket-accept": "right, right" },
      invalid("the Sec-WebSocket-Accept header is there more than once"),
    ],
    [
      { "sec-websocket-protocol": "v1" },
      invalid("the server chose a subprotocol, and none was offered"),
    ],
    [
      { "sec-websocket-extensions": "permessage-deflate; server_no_context_takeover" },
      extension("the server chose an extension, and none was offered"),
    ],
  ] as const)("with %j gives %j", (headers, expected) => {
    expect(check(headers)).toEqual(expected);
  });

  it.each([
    ["v2", { protocol: "v2", deflate: undefined }],
    ["V2", refused("a subprotocol that was not offered")],
    ["v1, v2", refused("a subprotocol that was not offered")],
    ["", refused("a subprotocol that was not offered")],
    [undefined, refused("no subprotocol")],
  ])("that chooses %j of v1 and v2 gives %j", (chosen, expected) => {
    expect(check({ "sec-websocket-protocol": chosen }, { protocols: ["v1", "v2"] })).toEqual(
      expected,
    );
  });

  it("may leave a compression that was offered, and must not change it", () => {
    const agree = "permessage-deflate; server_no_context_takeover";
    expect(check({}, { deflate: {} })).toEqual({ protocol: "", deflate: undefined });
    expect(check({ "sec-websocket-extensions": agree }, { deflate: {} })).toEqual({
      protocol: "",
      deflate: { clientWindowBits: 15, serverKeepsContext: false },
    });
    expect(check({ "sec-websocket-extensions": "x-other" }, { deflate: {} })).toBe(
      extension("the server chose an extension that was not offered"),
    );
  });
});

describe("permessage-deflate", () => {
  it("is offered without context takeover", () => {
    expect(deflateOffer({})).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
        "client_max_window_bits",
    );
    expect(deflateOffer({ serverMaxWindowBits: 10, clientMaxWindowBits: 11 })).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
        "server_max_window_bits=10; client_max_window_bits=11",
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
    expect(deflateAgreement(`permessage-deflate; ${parameters}`, {})).toEqual({
      clientWindowBits,
      serverKeepsContext: false,
    });
  });

  it.each(["permessage-deflate", "permessage-deflate; client_no_context_takeover"])(
    "is agreed on by %j, and the server's messages build on each other",
    (header) => {
      expect(deflateAgreement(header, {})).toEqual({
        clientWindowBits: 15,
        serverKeepsContext: true,
      });
    },
  );

  const AGREED = "permessage-deflate; server_no_context_takeover";
  const OTHER = "the server chose an extension that was not offered";
  const UNREADABLE = "the extension's parameters cannot be read";

  it.each([
    [
      "permessage-deflate; server_no_context_takeover=1",
      "the parameter server_no_context_takeover takes no value",
    ],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover=""',
      "the parameter client_no_context_takeover takes no value",
    ],
    [`${AGREED}; server_no_context_takeover`, UNREADABLE],
    [`${AGREED}; server_max_window_bits`, "the parameter server_max_window_bits is wrong"],
    [`${AGREED}; server_max_window_bits=7`, "the parameter server_max_window_bits is wrong"],
    [`${AGREED}; server_max_window_bits=16`, "the parameter server_max_window_bits is wrong"],
    [`${AGREED}; server_max_window_bits=010`, "the parameter server_max_window_bits is wrong"],
    [`${AGREED}; server_max_window_bits=8x`, "the parameter server_max_window_bits is wrong"],
    [`${AGREED}; client_max_window_bits`, "the parameter client_max_window_bits is wrong"],
    [`${AGREED}; client_max_window_bits=16`, "the parameter client_max_window_bits is wrong"],
    [`${AGREED}; other`, "the extension has a parameter that does not exist"],
    [`${AGREED};`, UNREADABLE],
    [`${AGREED}; (client_max_window_bits=9`, UNREADABLE],
    [`${AGREED}; client_max_window_bits=9)`, UNREADABLE],
    [`${AGREED}, ${AGREED}`, OTHER],
    [`${AGREED}; server_max_window_bits=10, x-other`, OTHER],
    ["x-webkit-deflate-frame", OTHER],
    ["x-other; server_no_context_takeover", OTHER],
    ["", OTHER],
  ])("is not agreed on by %j", (header, why) => {
    expect(deflateAgreement(header, {})).toBe(why);
  });

  it("keeps to the smaller window", () => {
    const answer = "permessage-deflate; server_no_context_takeover";
    expect(deflateAgreement(answer, { clientMaxWindowBits: 10 })).toMatchObject({
      clientWindowBits: 10,
    });
    expect(
      deflateAgreement(`${answer}; server_max_window_bits=12`, { serverMaxWindowBits: 12 }),
    ).toMatchObject({
      clientWindowBits: 15,
    });
    expect(
      deflateAgreement(`${answer}; server_max_window_bits=12`, { serverMaxWindowBits: 11 }),
    ).toBe("the parameter server_max_window_bits is wrong");
  });
});
