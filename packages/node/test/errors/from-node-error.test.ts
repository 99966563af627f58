import { inspect } from "node:util";
import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { fromNodeError, NODE_ERROR_RULES } from "../../src/errors/from-node-error.js";

function coded(code: string, message = "the platform's words"): Error {
  return Object.assign(new Error(message), { code });
}

describe("fromNodeError", () => {
  it.each([
    ["WS_ERR_INVALID_UTF8", "server", "INVALID_UTF8"],
    ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "server", "MESSAGE_TOO_BIG"],
    ["WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH", "server", "MESSAGE_TOO_BIG"],
    ["WS_ERR_UNEXPECTED_RSV_1", "server", "PROTOCOL_ERROR"],
    ["WS_ERR_INVALID_OPCODE", "server", "PROTOCOL_ERROR"],
    ["Z_DATA_ERROR", "server", "PROTOCOL_ERROR"],
    ["HPE_INVALID_CONSTANT", "server", "HANDSHAKE_INVALID"],
    ["CERT_HAS_EXPIRED", "connection", "CERT_HAS_EXPIRED"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "connection", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "connection", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "connection", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "connection", "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "connection",
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    ],
    ["INVALID_PURPOSE", "connection", "INVALID_PURPOSE"],
    ["EPROTO", "connection", "EPROTO"],
    ["ENOTFOUND", "connection", "ENOTFOUND"],
    ["EAI_AGAIN", "connection", "EAI_AGAIN"],
    ["ECONNREFUSED", "connection", "ECONNREFUSED"],
    ["ECONNRESET", "connection", "ECONNRESET"],
    ["ETIMEDOUT", "connection", "ETIMEDOUT"],
    ["EPIPE", "connection", "EPIPE"],
    ["ERR_STREAM_DESTROYED", "connection", "ERR_STREAM_DESTROYED"],
    ["ERR_SOCKET_CONNECTION_TIMEOUT", "connection", "ERR_SOCKET_CONNECTION_TIMEOUT"],
  ] as const)("%s becomes kind %s, code %s", (code, kind, ours) => {
    const cause = coded(code);
    const error = fromNodeError(cause, "cannot connect");
    expect(error).toMatchObject({
      kind,
      code: ours,
      cause,
      message: "cannot connect: the platform's words",
    });
  });

  it("has no row that no code of the list above reaches", () => {
    expect(NODE_ERROR_RULES).toHaveLength(8);
  });

  it("hands a WsError back as it is", () => {
    const error = new WsError({ kind: "auth", code: "AUTH_FAILED", message: "no" });
    expect(fromNodeError(error)).toBe(error);
  });

  it("finds the code in an AggregateError without one, and in a cause", () => {
    const refused = coded("ECONNREFUSED", "connect ECONNREFUSED ::1:1");
    const several = new AggregateError([refused, coded("ETIMEDOUT")]);
    expect(fromNodeError(several)).toMatchObject({
      kind: "connection",
      code: "ECONNREFUSED",
      cause: several,
    });
    const fetchFailed = new TypeError("fetch failed", { cause: refused });
    expect(fromNodeError(fetchFailed)).toMatchObject({
      code: "ECONNREFUSED",
      message: "the connection failed: connect ECONNREFUSED ::1:1",
    });
  });

  it("says the code when the platform has no words, as for several addresses at once", () => {
    expect(fromNodeError(coded("ECONNREFUSED", "")).message).toBe(
      "the connection failed: ECONNREFUSED",
    );
  });

  it("keeps to the first line of OpenSSL's complaint", () => {
    expect(fromNodeError(coded("EPROTO", "write EPROTO wrong version\nmore\n")).message).toBe(
      "the connection failed: write EPROTO wrong version",
    );
  });

  it.each([
    [coded("ERR_SOMETHING_NEW", "canary"), "ERR_SOMETHING_NEW"],
    [new Error("canary"), "UNKNOWN"],
    ["canary", "UNKNOWN"],
    [undefined, "UNKNOWN"],
    [null, "UNKNOWN"],
    [{ code: 7 }, "UNKNOWN"],
  ])("calls %s unknown and does not repeat what it says", (thrown, code) => {
    const error = fromNodeError(thrown);
    expect(error).toMatchObject({ kind: "unknown", code });
    expect(error.message).not.toContain("canary");
  });

  it("drops the raw packet that llhttp attaches", () => {
    const cause = Object.assign(coded("HPE_INVALID_HEADER_TOKEN"), {
      rawPacket: Buffer.from("Set-Cookie: canary"),
    });
    const shown = inspect(fromNodeError(cause), { depth: 9 });
    expect(shown).toContain("HPE_INVALID_HEADER_TOKEN");
    expect(shown).not.toContain("rawPacket");
  });
});
