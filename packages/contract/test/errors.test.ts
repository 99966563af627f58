import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { ConfigError, isConfigError, isWsError, WsError } from "../src/index.js";

const CANARY = "SECRET-canary-4711";

describe("WsError", () => {
  it("is an Error that carries what it was given", () => {
    const cause = new Error("below");
    const error = new WsError({
      kind: "throttled",
      code: "UPGRADE_REFUSED",
      message: "the server answered 429",
      epoch: 3,
      status: 429,
      retryAfterMs: 60_000,
      close: { code: 1006, reason: "" },
      headers: { "retry-after": "60" },
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe("the server answered 429");
    expect(error).toMatchObject({
      kind: "throttled",
      code: "UPGRADE_REFUSED",
      epoch: 3,
      status: 429,
      retryAfterMs: 60_000,
    });
    expect(error.close).toEqual({ code: 1006, reason: "" });
    expect(error.headers).toEqual({ "retry-after": "60" });
    expect(error.cause).toBe(cause);
    expect(error.stack).toContain("errors.test");
  });

  it("has no field that it was not given", () => {
    const error = new WsError({ kind: "unknown", code: "X", message: "x" });
    for (const key of ["epoch", "status", "retryAfterMs", "close", "headers", "cause"])
      expect(error).not.toHaveProperty(key);
    expect(Object.keys(error).toSorted()).toEqual(["code", "kind"]);
  });

  it("prints its name once, before the message", () => {
    const error = new WsError({ kind: "client", code: "X", message: "what happened" });
    expect(String(error)).toBe("WsError: what happened");
    expect(Object.keys(error)).not.toContain("name");
  });

  it("can be read by code but shows its headers to nothing that prints, copies or serialises", () => {
    const error = new WsError({
      kind: "auth",
      code: "X",
      message: "refused",
      headers: { "set-cookie": CANARY },
    });
    expect(error.headers?.["set-cookie"]).toBe(CANARY);
    expect(Object.keys(error)).not.toContain("headers");
    expect(inspect(error, { depth: 10 })).not.toContain(CANARY);
    expect(inspect({ wrapped: [error] }, { depth: 10 })).not.toContain(CANARY);
    expect(JSON.stringify(error)).not.toContain(CANARY);
    expect(JSON.stringify({ ...error })).not.toContain(CANARY);
  });

  it("lets the stack add the epoch afterwards", () => {
    const error = new WsError({ kind: "connection", code: "SOCKET_LOST", message: "gone" });
    error.epoch = 7;
    expect(error.epoch).toBe(7);
  });
});

describe("isWsError", () => {
  it("knows errors of this copy of the package", () => {
    expect(isWsError(new WsError({ kind: "unknown", code: "X", message: "x" }))).toBe(true);
    expect(isWsError(new ConfigError([]))).toBe(true);
  });

  it("knows errors of another installed copy, which are not instances of this class", async () => {
    vi.resetModules();
    const other = await import("../src/errors.js");
    const foreign = new other.WsError({ kind: "unknown", code: "X", message: "x" });
    expect(other.WsError).not.toBe(WsError);
    expect(foreign).not.toBeInstanceOf(WsError);
    expect(isWsError(foreign)).toBe(true);
    expect(other.isWsError(new WsError({ kind: "unknown", code: "X", message: "x" }))).toBe(true);
    expect(isConfigError(new other.ConfigError([]))).toBe(true);
  });

  it.each([
    ["a plain error", new Error("x")],
    ["a look-alike without the brand", { kind: "auth", code: "X", message: "x", name: "WsError" }],
    ["a string", "WsError"],
    ["null", null],
    ["undefined", undefined],
    ["a number", 1006],
    ["a function", () => undefined],
  ])("refuses %s", (_, value) => {
    expect(isWsError(value)).toBe(false);
    expect(isConfigError(value)).toBe(false);
  });
});

describe("ConfigError", () => {
  const issues = [
    {
      path: "liveness.staleAfterMs",
      message: "must be greater than liveness.probeAfterMs (5), got 4",
    },
    { path: "nope", message: "is not a setting" },
  ];

  it("lists every problem, in its message and as data", () => {
    const error = new ConfigError(issues);
    expect(error.issues).toEqual(issues);
    expect(error).toMatchObject({ kind: "client", code: "CONFIG_INVALID" });
    for (const { path, message } of issues) expect(error.message).toContain(`${path}: ${message}`);
    expect(String(error)).toMatch(/^ConfigError: /);
  });

  it("is told apart from other failures", () => {
    expect(isConfigError(new ConfigError(issues))).toBe(true);
    expect(isConfigError(new WsError({ kind: "client", code: "URL_INVALID", message: "x" }))).toBe(
      false,
    );
  });
});
