import { isConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { ReconnectingWebSocket, ResilientWebSocket } from "../../src/websocket/index.js";
import { thrownBy } from "./support/server.js";

const URL = "wss://venue.test/feed?token=canary";

function issuesOf(options: unknown): string[] {
  const error = thrownBy(() => new ReconnectingWebSocket(URL, undefined, options as never));
  if (!isConfigError(error)) throw error;
  return error.issues.map(({ path, message }) => `${path}: ${message}`);
}

describe("the constructor", () => {
  it("tells everything that is wrong with the options at once", () => {
    const options = {
      binaryType: "text",
      whileDown: "queue",
      whileDownDeadlineMs: 0,
      config: { backoff: { factor: 0 } },
      tls: { hostname: "x" },
      unheard: 1,
      absent: undefined,
    };
    expect(issuesOf(options)).toEqual([
      "unheard: is not an option",
      "binaryType: must be one of arraybuffer, blob, nodebuffer",
      'whileDown: must be "throw" or "wait"',
      "whileDownDeadlineMs: must be above 0, got 0",
      "backoff.factor: must be at least 1, got 0",
      "tls.hostname: is not an option",
    ]);
  });

  it.each([
    ["maxReconnectionDelay", "config.backoff.maxMs"],
    ["minReconnectionDelay", "config.backoff.minMs"],
    ["reconnectionDelayGrowFactor", "config.backoff.factor"],
    ["minUptime", "config.backoff.stableAfterMs"],
    ["connectionTimeout", "config.connect.timeoutMs"],
    ["maxRetries", "config.attempts.maxAttempts"],
    ["maxEnqueuedMessages", "config.send.maxPending"],
    ["shouldReconnectOnClose", "classify"],
    ["startClosed", "make the socket when it is to connect"],
    ["debug", "oath-ws:trace"],
    ["debugLogger", "oath-ws:trace"],
    ["WebSocket", "@oath-ws/web/websocket"],
  ])("says what became of %s", (name, hint) => {
    expect(issuesOf({ [name]: 1 })).toEqual([expect.stringContaining(hint)]);
  });

  it.each([null, 7, [[]]])("refuses options that are %s", (options) => {
    expect(issuesOf(options)).toEqual(["options: must be an object"]);
  });

  it.each([
    ["ftp://venue.test/canary", undefined, "URL_INVALID"],
    ["https://venue.test/canary#", undefined, "URL_INVALID"],
    ["canary", undefined, "URL_INVALID"],
    [URL, "two words", "HANDSHAKE_OPTIONS_INVALID"],
    [URL, ["v1", "v1"], "HANDSHAKE_OPTIONS_INVALID"],
    [URL, ["v1", "V1"], "HANDSHAKE_OPTIONS_INVALID"],
    [URL, 7, "HANDSHAKE_OPTIONS_INVALID"],
  ])("refuses the address %s with subprotocols %s", (url, protocols, code) => {
    for (const Socket of [ReconnectingWebSocket, ResilientWebSocket]) {
      const error = thrownBy(() => new Socket(url, protocols as never)) as DOMException;
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name: "SyntaxError", cause: { code, kind: "client" } });
      expect(error.message).not.toContain("canary");
    }
  });

  it("refuses headers that cannot be sent", () => {
    const error = thrownBy(
      () => new ReconnectingWebSocket(URL, null, { headers: { "bad name": "canary" } }),
    );
    expect(error).toMatchObject({ cause: { code: "HANDSHAKE_OPTIONS_INVALID" } });
  });

  it.each(["classify", "whileDown", "whileDownDeadlineMs"])(
    "of a socket that ends with its connection refuses %s",
    (name) => {
      const error = thrownBy(
        () => new ResilientWebSocket(URL, [], { [name]: { classify: () => "permanent" } }),
      );
      if (!isConfigError(error)) throw error;
      expect(error.issues.map(({ path }) => path)).toEqual([name]);
      expect(error.message).toContain("ReconnectingWebSocket");
    },
  );
});
