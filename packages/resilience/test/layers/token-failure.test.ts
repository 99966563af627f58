import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { FAILURE_SIGNS, tokenFailure } from "../../src/layers/token-failure.js";

const WALL_MS = Date.UTC(2026, 10, 30, 12);

function thrown(fields: object, message = "x", cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), fields);
}

function coded(code: string): Error {
  return thrown({ code });
}

function fetchFailed(cause: unknown): Error {
  return new TypeError("fetch failed", { cause });
}

function jsonError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function nested(depth: number, innermost: unknown): unknown {
  return depth === 0 ? innermost : new Error("token", { cause: nested(depth - 1, innermost) });
}

const ring: Error & { cause?: unknown } = new Error("ring");
ring.cause = ring;

const OUTAGES: readonly (readonly [string, unknown, string])[] = [
  ["axios, 503", thrown({ code: "ERR_BAD_RESPONSE", response: { status: 503 } }), "server"],
  ["axios, no network", thrown({ name: "AxiosError", code: "ERR_NETWORK" }), "connection"],
  ["axios, its timeout", thrown({ name: "AxiosError", code: "ECONNABORTED" }), "connection"],
  ["axios, cancelled", thrown({ name: "CanceledError", code: "ERR_CANCELED" }), "timeout"],
  [
    "got, 502",
    thrown({ code: "ERR_NON_2XX_3XX_RESPONSE", response: { statusCode: 502 } }),
    "server",
  ],
  ["ky, 503", thrown({ name: "HTTPError", response: { status: 503 } }), "server"],
  ["ky, 429", thrown({ name: "HTTPError", response: { status: 429 } }), "throttled"],
  ["superagent, 500", thrown({ status: 500 }), "server"],
  ["undici, 503", thrown({ code: "UND_ERR_RESPONSE_STATUS_CODE", statusCode: 503 }), "server"],
  ["request, 503", thrown({ statusCode: 503 }), "server"],
  ["a request timeout at the service", thrown({ status: 408 }), "timeout"],
  ["a service that says too early", thrown({ status: 425 }), "timeout"],
  ["a ban", thrown({ status: 418 }), "throttled"],
  [
    "the AWS SDK, throttled",
    thrown({ name: "ThrottlingException", $metadata: { httpStatusCode: 429 } }),
    "throttled",
  ],
  ["a system error", coded("ECONNREFUSED"), "connection"],
  ["fetch, no such host", fetchFailed({ code: "ENOTFOUND" }), "connection"],
  [
    "fetch, several addresses",
    fetchFailed(Object.assign(new AggregateError([coded("ETIMEDOUT")]), { code: "ETIMEDOUT" })),
    "connection",
  ],
  ["fetch, undici's own timeout", fetchFailed(coded("UND_ERR_CONNECT_TIMEOUT")), "connection"],
  [
    "fetch, a body that ends early",
    new TypeError("terminated", { cause: coded("UND_ERR_SOCKET") }),
    "connection",
  ],
  ["fetch, aborted", new DOMException("This operation was aborted", "AbortError"), "timeout"],
  ["AbortSignal.timeout()", new DOMException("The operation timed out", "TimeoutError"), "timeout"],
  ["fetch in Chrome", new TypeError("Failed to fetch"), "connection"],
  [
    "fetch in Firefox",
    new TypeError("NetworkError when attempting to fetch resource."),
    "connection",
  ],
  ["fetch in Safari", new TypeError("Load failed"), "connection"],
  ["fetch in Deno", new TypeError("error sending request for url (https://x/)"), "connection"],
  ["fetch in Bun", coded("ConnectionRefused"), "connection"],
  ["an SDK that wraps twice", nested(1, fetchFailed(coded("ECONNREFUSED"))), "connection"],
  ["the deepest cause that is looked at", nested(7, coded("ECONNRESET")), "connection"],
  ["a status in a cause", nested(2, thrown({ response: { status: 504 } })), "server"],
  ["an expired certificate", coded("CERT_HAS_EXPIRED"), "connection"],
  ["a self-signed certificate", fetchFailed(coded("DEPTH_ZERO_SELF_SIGNED_CERT")), "connection"],
  ["an unknown authority", coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "connection"],
  ["a certificate for another name", coded("ERR_TLS_CERT_ALTNAME_INVALID"), "connection"],
  ["a chain that is signed by itself", coded("SELF_SIGNED_CERT_IN_CHAIN"), "connection"],
  ["a certificate that is not valid yet", coded("CERT_NOT_YET_VALID"), "connection"],
  ["a TLS handshake that failed", coded("ERR_SSL_WRONG_VERSION_NUMBER"), "connection"],
  ["an answer that is not HTTP", fetchFailed(coded("HPE_INVALID_CONSTANT")), "connection"],
  ["a body that was cut off", coded("ERR_STREAM_PREMATURE_CLOSE"), "connection"],
  ["a page where JSON was expected", jsonError("<html>"), "server"],
  ["a rejection without a value", undefined, "unknown"],
  ["a rejection with null", null, "unknown"],
];

const REFUSALS: readonly (readonly [string, unknown])[] = [
  ["a plain error", new Error("no")],
  ["a string", "no"],
  ["axios, 401", thrown({ code: "ERR_BAD_REQUEST", response: { status: 401 } })],
  ["got, 403", thrown({ code: "ERR_NON_2XX_3XX_RESPONSE", response: { statusCode: 403 } })],
  ["undici, 401", thrown({ code: "UND_ERR_RESPONSE_STATUS_CODE", statusCode: 401 })],
  ["oauth4webapi, 400", thrown({ status: 400, error: "invalid_grant" })],
  ["the AWS SDK, 403", thrown({ $metadata: { httpStatusCode: 403 } })],
  ["a success that was not good enough", thrown({ status: 200 })],
  ["a status that is no number", thrown({ status: "error" })],
  ["an argument of a wrong type", coded("ERR_INVALID_ARG_TYPE")],
  ["a private key that cannot be read", coded("ERR_OSSL_UNSUPPORTED")],
  ["a bad URL for fetch", fetchFailed(new Error("unknown scheme"))],
  ["other words of a TypeError", new TypeError("x is not a function")],
  ["the words of fetch in another error", new Error("Failed to fetch")],
  ["a cause too deep to be looked at", nested(8, coded("ECONNRESET"))],
  ["a ring of causes", ring],
];

describe("a failure of a token service", () => {
  it.each(OUTAGES)("passes: %s", (_, error, kind) => {
    const failure = tokenFailure(error, WALL_MS);
    expect(failure).toMatchObject({ kind, code: "AUTH_FAILED" });
    expect(failure.cause).toBe(error ?? failure.cause);
  });

  it.each(REFUSALS)("is a refusal: %s", (_, error) => {
    expect(tokenFailure(error, WALL_MS)).toMatchObject({
      kind: "auth",
      code: "AUTH_FAILED",
      cause: error,
    });
  });

  it("is taken as it stands when it is a WsError", () => {
    const error = new WsError({ kind: "throttled", code: "MINE", message: "x", retryAfterMs: 5 });
    expect(tokenFailure(error, WALL_MS)).toBe(error);
  });

  it.each(FAILURE_SIGNS)("has an example above that shows itself by $name alone", ({ read }) => {
    const others = FAILURE_SIGNS.filter((sign) => sign.read !== read);
    const examples = OUTAGES.map(([, error]) => error).filter(
      (error) =>
        read(error) !== undefined && others.every((other) => other.read(error) === undefined),
    );
    expect(examples).not.toEqual([]);
  });
});

const IN_TEN = "Mon, 30 Nov 2026 12:00:10 GMT";

/** As axios keeps them: `get()` takes any case, and may give a list. */
const axiosHeaders = {
  get: (name: string) => (name.toLowerCase() === "retry-after" ? ["6"] : null),
};

const ASKED_TO_WAIT: readonly (readonly [string, unknown, number | undefined])[] = [
  ["axios", thrown({ response: { status: 503, headers: axiosHeaders } }), 6_000],
  ["got", thrown({ response: { statusCode: 503, headers: { "retry-after": "6" } } }), 6_000],
  [
    "ky",
    thrown({ response: { status: 429, headers: new Headers({ "Retry-After": "6" }) } }),
    6_000,
  ],
  ["undici", thrown({ statusCode: 503, headers: { "retry-after": "6" } }), 6_000],
  ["the AWS SDK", thrown({ $response: { headers: { "retry-after": "6" } } }), 6_000],
  ["a plain object in another case", thrown({ headers: { "Retry-After": "6" } }), 6_000],
  ["a list", thrown({ headers: { "retry-after": ["6", "7"] } }), 6_000],
  ["a number", thrown({ headers: { "retry-after": 6 } }), 6_000],
  ["a cause", nested(2, thrown({ response: { headers: { "retry-after": "6" } } })), 6_000],
  [
    "a Response as the cause",
    nested(1, new Response("", { headers: { "retry-after": "6" } })),
    6_000,
  ],
  ["a refusal", thrown({ status: 403, headers: { "retry-after": "6" } }), 6_000],
  ["a date", thrown({ headers: { "retry-after": IN_TEN } }), 10_000],
  [
    "a date, on the clock of the service",
    thrown({ headers: { "retry-after": IN_TEN, date: "Mon, 30 Nov 2026 12:00:08 GMT" } }),
    2_000,
  ],
  ["a number in another form", thrown({ headers: { "retry-after": "1e9" } }), undefined],
  ["more than a day", thrown({ headers: { "retry-after": "999999999" } }), 86_400_000],
  ["no header", thrown({ response: { status: 503, headers: {} } }), undefined],
  ["headers that are none", thrown({ headers: "retry-after: 6" }), undefined],
  ["a get that is no function", thrown({ headers: { get: "6" } }), undefined],
  [
    "a get that throws",
    thrown({
      headers: {
        get: () => {
          throw new Error("x");
        },
      },
    }),
    undefined,
  ],
  ["a WsError with such a cause, as it stands", wsErrorOver({ "retry-after": "6" }), undefined],
  ["nothing", undefined, undefined],
];

function wsErrorOver(headers: object): WsError {
  const cause = thrown({ headers });
  return new WsError({ kind: "server", code: "MINE", message: "x", cause });
}

describe("the Retry-After of a token service", () => {
  it.each(ASKED_TO_WAIT)("is read: %s", (_, error, retryAfterMs) => {
    expect(tokenFailure(error, WALL_MS).retryAfterMs).toBe(retryAfterMs);
  });
});
