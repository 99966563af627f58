import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { dialFailure } from "../../src/errors/dial-failure.js";

const WHERE = "cannot connect to wss://venue.test/";
const refusal = (code: string, message = "no"): Error =>
  Object.assign(new TypeError(message), { code });

describe("dialFailure", () => {
  it.each(["ERR_INVALID_ARG_TYPE", "ERR_INVALID_ARG_VALUE"])(
    "keeps nothing of %s, which quotes what it did not like",
    (code) => {
      const error = dialFailure(refusal(code, "The argument is invalid. Received 'canary'"), WHERE);
      expect(error).toMatchObject({
        kind: "client",
        code: "HANDSHAKE_OPTIONS_INVALID",
        message: `${WHERE}: the options cannot be used (${code})`,
      });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("canary");
    },
  );

  it("keeps other complaints of Node about the options as the cause", () => {
    const cause = refusal("ERR_HTTP_HEADERS_SENT");
    expect(dialFailure(cause, WHERE)).toMatchObject({
      kind: "client",
      code: "HANDSHAKE_OPTIONS_INVALID",
      cause,
    });
  });

  it.each(["ECONNREFUSED", "CERT_HAS_EXPIRED", "ERR_SSL_WRONG_VERSION_NUMBER"])(
    "leaves %s what it is",
    (code) => {
      expect(dialFailure(refusal(code), WHERE)).toMatchObject({ kind: "connection", code });
    },
  );
});
