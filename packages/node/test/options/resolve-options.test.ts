import { createSecureContext } from "node:tls";
import { isConfigError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { nodeTimer } from "../../src/runtime/node-runtime.js";
import { resolveOptions } from "../../src/options/resolve-options.js";
import type { WsConnectorOptions } from "../../src/options/ws-connector-options.js";

function issuesOf(options: unknown): readonly ConfigIssue[] {
  try {
    resolveOptions(options as WsConnectorOptions, "ws");
  } catch (error) {
    if (isConfigError(error)) return error.issues;
    throw error;
  }
  return [];
}

describe("resolveOptions", () => {
  it("has defaults", () => {
    for (const options of [
      undefined,
      {},
      { maxMessageBytes: undefined, tls: undefined, socket: undefined, ws: undefined },
    ]) {
      expect(resolveOptions(options, "ws")).toMatchObject({
        maxMessageBytes: 33_554_432,
        closeTimeoutMs: 5000,
        timer: nodeTimer,
        socket: {},
        ws: {},
      });
    }
  });

  it.each([
    [{ maxMessageBytes: 0 }, "maxMessageBytes"],
    [{ maxMessageBytes: 1.5 }, "maxMessageBytes"],
    [{ maxMessageBytes: Number.NaN }, "maxMessageBytes"],
    [{ maxMessageBytes: Number.POSITIVE_INFINITY }, "maxMessageBytes"],
    [{ maxMessageBytes: 2 ** 31 }, "maxMessageBytes"],
    [{ maxMessageBytes: "9" }, "maxMessageBytes"],
    [{ closeTimeoutMs: 0 }, "closeTimeoutMs"],
    [{ closeTimeoutMs: -1 }, "closeTimeoutMs"],
    [{ closeTimeoutMs: Number.NaN }, "closeTimeoutMs"],
    [{ closeTimeoutMs: Number.POSITIVE_INFINITY }, "closeTimeoutMs"],
    [{ closeTimeoutMs: null }, "closeTimeoutMs"],
    [{ closeTimeout: 5 }, "closeTimeout"],
    [{ timer: { now: (): number => 0, wallNow: (): number => 0 } }, "timer"],
    [{ timer: { ...nodeTimer, sleptMs: 1 } }, "timer"],
    [{ spawn: { spawn: () => undefined } }, "spawn"],
    [{ tls: "ca" }, "tls"],
    [{ socket: [] }, "socket"],
    [{ tls: { rejectUnauthorised: false } }, "tls.rejectUnauthorised"],
    [{ tls: { secureProtocol: "TLSv1_method" } }, "tls.secureProtocol"],
    [{ tls: { host: "elsewhere" } }, "tls.host"],
    [{ tls: { key: "no key" } }, "tls"],
    [{ tls: { minVersion: "TLSv9" } }, "tls"],
    [{ socket: { autoPong: true } }, "socket.autoPong"],
    [{ socket: { maxPayload: 1 } }, "socket.maxPayload"],
    [{ socket: { allowSynchronousEvents: false } }, "socket.allowSynchronousEvents"],
    [{ socket: { followRedirects: true } }, "socket.followRedirects"],
    [{ socket: { headers: {} } }, "socket.headers"],
    [{ socket: { rejectUnauthorized: false } }, "socket.rejectUnauthorized"],
    [{ socket: { ca: "x" } }, "socket.ca"],
    [{ socket: { perMesageDeflate: true } }, "socket.perMesageDeflate"],
    [null, "options"],
    ["ws://", "options"],
  ])("%o is refused at %s", (options, path) => {
    expect(issuesOf(options).map((issue) => issue.path)).toEqual([path]);
  });

  it("lists everything at once and says where an option belongs", () => {
    const issues = issuesOf({
      maxMessageBytes: -1,
      closeTimeoutMs: "1s",
      typo: 1,
      tls: { cert: "no certificate" },
      socket: { ca: "x", autoPong: false, typo: 1 },
    });
    expect(issues).toEqual([
      { path: "typo", message: "is not an option" },
      { path: "maxMessageBytes", message: "must be at least 1, got -1" },
      { path: "closeTimeoutMs", message: "must be a number, got string" },
      { path: "socket.ca", message: "belongs into tls" },
      { path: "socket.autoPong", message: "is always off; pings are handed over as frames" },
      { path: "socket.typo", message: "is not an option" },
      { path: "tls", message: "no TLS context can be made of this (ERR_OSSL_PEM_NO_START_LINE)" },
    ]);
  });

  it("shows no secret", () => {
    const shown = JSON.stringify(
      issuesOf({
        tls: { key: "canary", passphrase: ["canary"] },
        maxMessageBytes: "canary",
        socket: { auth: "canary" },
      }),
    );
    expect(shown).toContain("socket.auth");
    expect(shown).not.toContain("canary");
  });

  it("refuses TLS options that would have no effect, or switch another one off", () => {
    const secureContext = createSecureContext();
    const issues = issuesOf({
      tls: {
        secureContext,
        minVersion: "TLSv1.3",
        ca: "",
        servername: "a.test",
        session: Buffer.alloc(1),
        checkServerIdentity: () => undefined,
      },
    });
    expect(issues).toEqual([
      {
        path: "tls.ca",
        message: "has no effect beside secureContext; make that context with it",
      },
      {
        path: "tls.minVersion",
        message: "has no effect beside secureContext; make that context with it",
      },
      {
        path: "tls.session",
        message: "cannot be used beside checkServerIdentity, which a resumed session does not ask",
      },
    ]);
    expect(resolveOptions({ tls: { secureContext } }, "ws").tlsOptions("host")).toMatchObject({
      secureContext,
      servername: "host",
    });
  });

  it("verifies certificates unless told otherwise, and makes one TLS context", () => {
    const resolved = resolveOptions(undefined, "ws");
    expect(resolved.tlsOptions("host")).toMatchObject({ rejectUnauthorized: true });
    expect(resolved.tlsOptions("host")["secureContext"]).toBe(
      resolved.tlsOptions("host")["secureContext"],
    );
    expect(
      resolveOptions({ tls: { rejectUnauthorized: false } }, "ws").tlsOptions("host"),
    ).toMatchObject({
      rejectUnauthorized: false,
    });
    expect(
      resolveOptions({ tls: { rejectUnauthorized: undefined } }, "ws").tlsOptions("host"),
    ).toMatchObject({
      rejectUnauthorized: true,
    });
  });
});
