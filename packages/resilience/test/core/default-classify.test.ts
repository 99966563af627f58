import type { Verdict, WsErrorInit } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { DEFAULT_RULES, defaultClassify } from "../../src/core/default-classify.js";
import { failure } from "../support/failures.js";

type Expected = Verdict | "address";

interface Example {
  readonly title: string;
  readonly error: Partial<WsErrorInit>;
  readonly verdict: Expected;
  /** The row that must decide. */
  readonly rule: string;
}

function refused(status: number, init: Partial<WsErrorInit> = {}): Partial<WsErrorInit> {
  return { kind: "server", code: "UPGRADE_REFUSED", status, ...init };
}

const OTHERS = "anything else";

/** Written from ADR-0033, not from the table, so that the table can be wrong. */
const EXAMPLES: readonly Example[] = [
  ...[401, 403, 407].map((status) =>
    example(`HTTP ${status}`, refused(status), "permanent", "HTTP 401, 403, 407"),
  ),
  example(
    "a proxy's 407",
    { kind: "proxy", code: "PROXY_REFUSED", status: 407 },
    "permanent",
    "proxy that wants other credentials",
  ),
  ...[401, 403, 404, 429, 502].map((status) =>
    example(
      `a proxy's ${status}`,
      { kind: "proxy", code: "PROXY_REFUSED", status },
      "transient",
      "proxy",
    ),
  ),
  example(
    "a proxy that is away",
    { kind: "proxy", code: "PROXY_UNREACHABLE" },
    "transient",
    "proxy",
  ),
  example(
    "the AuthSource refusing",
    { kind: "auth", code: "AUTH_FAILED" },
    "permanent",
    "AuthSource refused",
  ),
  ...[418, 429, 503].map((status) =>
    example(`HTTP ${status}`, refused(status), "transient", "HTTP 418, 429, 503"),
  ),
  example(
    "HTTP 429 with Retry-After",
    refused(429, { retryAfterMs: 60_000 }),
    "transient",
    "HTTP 418, 429, 503",
  ),
  ...[400, 404, 405, 410, 426].map((status) =>
    example(`HTTP ${status}`, refused(status), "address", "HTTP 400, 404, 405, 410, 426"),
  ),
  example(
    "a wrong subprotocol",
    { kind: "client", code: "SUBPROTOCOL_REFUSED" },
    "address",
    "subprotocol refused",
  ),
  example(
    "compression that was not offered",
    { kind: "server", code: "EXTENSION_INVALID" },
    "address",
    "extension that was not offered",
  ),
  ...["AUTH_INVALID", "URL_INVALID", "CONFIG_INVALID", "HANDSHAKE_OPTIONS_INVALID"].map((code) =>
    example(
      `${code} from the AuthSource's edit`,
      { kind: "client", code },
      "permanent",
      "handshake that cannot be sent",
    ),
  ),
  ...[
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "CERT_HAS_EXPIRED",
  ].map((code) => example(code, { kind: "connection", code }, "transient", OTHERS)),
  ...[
    "SELF_SIGNED_CERT_IN_CHAIN",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ].map((code) => example(code, { kind: "connection", code }, "transient", OTHERS)),
  ...["CONNECT_TIMEOUT", "PEER_SILENT"].map((code) =>
    example(code, { kind: "timeout", code }, "transient", OTHERS),
  ),
  ...[1000, 1001, 1002, 1006, 1008, 1011, 1012, 1013, 4000, 4999].map((code) =>
    example(
      `close code ${code}`,
      { code: "PEER_CLOSED", close: { code, reason: "" } },
      "transient",
      OTHERS,
    ),
  ),
  example(
    "a token service that answers no JSON",
    { kind: "server", code: "AUTH_FAILED" },
    "transient",
    OTHERS,
  ),
  ...["PROTOCOL_ERROR", "INVALID_UTF8", "MESSAGE_TOO_BIG", "HANDSHAKE_INVALID"].map((code) =>
    example(code, { kind: "server", code }, "transient", OTHERS),
  ),
  ...[200, 302, 402, 406, 408, 409, 425, 451, 500, 502, 504, 520, 530].map((status) =>
    example(`HTTP ${status}`, refused(status), "transient", OTHERS),
  ),
  example("an unknown error", { kind: "unknown", code: "CONNECT_FAILED" }, "transient", OTHERS),
];

function example(
  title: string,
  error: Partial<WsErrorInit>,
  verdict: Expected,
  rule: string,
): Example {
  return { title, error, verdict, rule };
}

const CONTEXTS = [
  { everConnected: false, consecutiveFailures: 1 },
  { everConnected: true, consecutiveFailures: 1 },
  { everConnected: false, consecutiveFailures: 500 },
  { everConnected: true, consecutiveFailures: 500 },
];

describe("defaultClassify", () => {
  it.each(EXAMPLES)("takes $title for $verdict", ({ error, verdict }) => {
    for (const context of CONTEXTS) {
      const expected =
        verdict === "address" ? (context.everConnected ? "transient" : "permanent") : verdict;
      expect(defaultClassify.classify(failure(error), context)).toBe(expected);
    }
  });

  it("believes a status of 401 more than what kind the leaf thinks it is", () => {
    const error = failure(refused(401, { kind: "server" }));
    expect(defaultClassify.classify(error, { everConnected: true, consecutiveFailures: 1 })).toBe(
      "permanent",
    );
  });

  it("takes an AuthSource that was throttled, and says so by its kind, for transient", () => {
    const error = failure({
      kind: "throttled",
      code: "AUTH_FAILED",
      status: 429,
      retryAfterMs: 1_000,
    });
    expect(defaultClassify.classify(error, { everConnected: false, consecutiveFailures: 1 })).toBe(
      "transient",
    );
  });
});

describe("DEFAULT_RULES", () => {
  const context = { everConnected: false, consecutiveFailures: 1 };

  it.each(DEFAULT_RULES)("row $name decides the examples that name it, and says why", (row) => {
    const own = EXAMPLES.filter(({ rule }) => rule === row.name);
    expect(own).not.toHaveLength(0);
    for (const { error, verdict } of own) {
      expect(DEFAULT_RULES.find((rule) => rule.matches(failure(error), context))?.name).toBe(
        row.name,
      );
      expect(row.verdict).toBe(verdict);
    }
    expect(row.reason).not.toBe("");
  });

  it("names each row once and ends with one that matches always", () => {
    const names = DEFAULT_RULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(
      DEFAULT_RULES.at(-1)?.matches(failure({ kind: "unknown", code: "NEVER_SEEN" }), context),
    ).toBe(true);
  });
});
