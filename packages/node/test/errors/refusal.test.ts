import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { refusalError } from "../../src/errors/refusal.js";

describe("refusalError", () => {
  it.each([
    [200, "client"],
    [302, "client"],
    [400, "client"],
    [401, "auth"],
    [403, "auth"],
    [404, "client"],
    [407, "auth"],
    [418, "throttled"],
    [426, "client"],
    [429, "throttled"],
    [500, "server"],
    [503, "server"],
    [599, "server"],
  ] as const)("status %d is kind %s", (statusCode, kind) => {
    expect(refusalError({ statusCode, headers: {} }, "here", 0)).toMatchObject({
      kind,
      code: "UPGRADE_REFUSED",
      status: statusCode,
      headers: {},
    });
  });

  it("takes an answer below 200 for a broken handshake", () => {
    for (const statusCode of [101, undefined]) {
      expect(refusalError({ statusCode, headers: {} }, "here", 0)).toMatchObject({
        kind: "server",
        code: "HANDSHAKE_INVALID",
      });
    }
  });

  it("reads Retry-After in both forms, and leaves it out when there is none", () => {
    const at = (value: string): number | undefined =>
      refusalError(
        { statusCode: 429, headers: { "retry-after": value } },
        "here",
        Date.UTC(2026, 0, 1),
      ).retryAfterMs;
    expect(at("3")).toBe(3000);
    expect(at("Thu, 01 Jan 2026 00:00:04 GMT")).toBe(4000);
    expect(refusalError({ statusCode: 429, headers: {} }, "here", 0)).not.toHaveProperty(
      "retryAfterMs",
    );
  });

  it("reads a Retry-After date by the clock that the answer's Date shows", () => {
    const headers = {
      "retry-after": "Thu, 01 Jan 2026 00:01:33 GMT",
      date: "Thu, 01 Jan 2026 00:01:30 GMT",
    };
    const { retryAfterMs } = refusalError(
      { statusCode: 429, headers },
      "here",
      Date.UTC(2026, 0, 1),
    );
    expect(retryAfterMs).toBe(3_000);
  });

  it("keeps the headers as strings, out of sight of code that prints the error", () => {
    const error = refusalError(
      { statusCode: 403, headers: { "set-cookie": ["a=canary", "b=2"], "x-why": "no" } },
      "here",
      0,
    );
    expect(error.headers).toEqual({ "set-cookie": "a=canary, b=2", "x-why": "no" });
    expect(inspect(error, { depth: 9 })).not.toContain("canary");
    expect(JSON.stringify(error)).not.toContain("canary");
  });
});
