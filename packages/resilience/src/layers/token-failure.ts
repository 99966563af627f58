import type { ErrorKind } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { at } from "../primitives/at.js";
import { kindOfStatus } from "../primitives/leaf-errors.js";
import { tokenRetryAfter } from "./token-retry-after.js";

/** What one sign says of a failure. */
interface Finding {
  /** `auth` for a refusal. Every other kind is an outage, which passes. */
  readonly kind: ErrorKind;
  readonly message: string;
}

/** One way in which libraries show why a request for a token failed. */
export interface FailureSign {
  /** The shape and who throws it, for documentation and test titles. */
  readonly name: string;
  /** What this error of the chain of causes says; `undefined` when it does not have the shape. */
  readonly read: (error: unknown) => Finding | undefined;
}

/** Causes that are looked at: wrappers of wrappers, but no endless ring. */
const MAX_CAUSES = 8;

/**
 * Codes of requests that were not answered, or not by the service: the system and the resolver,
 * undici, TLS and certificates, Node's own codes of a broken stream, an answer that is not HTTP or
 * does not unpack, and axios. Codes of other shapes (`ERR_INVALID_ARG_TYPE`, and `ERR_OSSL_` of a
 * key that cannot be read) name faults that stay.
 */
const NETWORK_CODE =
  /^(E[A-Z0-9]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+|HPE_[A-Z_]+|Z_[A-Z_]+|ERR_(TLS|SSL|SOCKET|STREAM)_[A-Z0-9_]+|(CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_)[A-Z_]+|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERR_NETWORK|ConnectionRefused|ConnectionClosed|FailedToOpenSocket)$/;

/** How browsers, React Native and Deno say that a `fetch` was not answered; they give no code. */
const FETCH_WORDS =
  /^(Failed to fetch|Load failed|Network request failed|NetworkError when attempting to fetch|error sending request)/;

/**
 * The signs as data: the first row that any error of the chain of causes matches decides. Statuses
 * come first, because some libraries give a code of the network to every refusal.
 */
export const FAILURE_SIGNS: readonly FailureSign[] = [
  statusAt("status (ky, superagent, oauth4webapi)", "status"),
  statusAt("statusCode (undici, request)", "statusCode"),
  statusAt("response.status (axios, ky, gaxios)", "response", "status"),
  statusAt("response.statusCode (got, openid-client)", "response", "statusCode"),
  statusAt("$metadata.httpStatusCode (AWS SDK)", "$metadata", "httpStatusCode"),
  named("TimeoutError", "timeout", "the AuthSource timed out", /^TimeoutError$/),
  named("AbortError", "timeout", "the AuthSource was aborted", /^(AbortError|CanceledError)$/),
  {
    name: "a code of the network",
    read: (error) => {
      const code = at(error, "code");
      return typeof code === "string" && NETWORK_CODE.test(code)
        ? {
            kind: "connection",
            message: `the AuthSource could not reach its service (${code})`,
          }
        : undefined;
    },
  },
  {
    name: "a fetch without a code (browsers, React Native, Deno)",
    read: (error) => {
      const message = at(error, "message");
      return at(error, "name") === "TypeError" &&
        typeof message === "string" &&
        FETCH_WORDS.test(message)
        ? { kind: "connection", message: "the AuthSource could not reach its service" }
        : undefined;
    },
  },
  named(
    "SyntaxError",
    "server",
    "the AuthSource could not read the answer of its service",
    /^SyntaxError$/,
  ),
];

/**
 * Makes a `WsError` of whatever an `AuthSource` threw, a `WsError` as it stands. Without any sign
 * of an outage it is a refusal; a rejection without a value says nothing, and passes. A
 * `Retry-After` header of the service's answer becomes the error's `retryAfterMs`.
 *
 * @param wallNow our wall clock, in milliseconds since the Unix epoch
 */
export function tokenFailure(error: unknown, wallNow: number): WsError {
  if (isWsError(error)) return error;
  const chain = causesOf(error);
  return new WsError({
    ...finding(chain),
    code: "AUTH_FAILED",
    cause: error,
    retryAfterMs: tokenRetryAfter(chain, wallNow),
  });
}

function finding(chain: readonly unknown[]): Finding {
  if (chain.length === 0)
    return { kind: "unknown", message: "the AuthSource failed without saying why" };
  for (const { read } of FAILURE_SIGNS) {
    for (const link of chain) {
      const found = read(link);
      if (found !== undefined) return found;
    }
  }
  return { kind: "auth", message: "the AuthSource refused" };
}

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && link !== null; link = at(link, "cause")) {
    if (chain.length === MAX_CAUSES) break;
    chain.push(link);
  }
  return chain;
}

function statusAt(name: string, ...path: readonly string[]): FailureSign {
  return {
    name,
    read: (error) => {
      const status = path.reduce(at, error);
      if (typeof status !== "number" || status < 400 || status > 599) return undefined;
      const kind = kindOfAnswer(status);
      const verb = kind === "auth" ? "refused" : "failed";
      return { kind, message: `the service of the AuthSource ${verb} with status ${status}` };
    },
  };
}

function kindOfAnswer(status: number): ErrorKind {
  // Request timeout and "too early": the service asks for another try.
  if (status === 408 || status === 425) return "timeout";
  const kind = kindOfStatus(status);
  return kind === "server" || kind === "throttled" ? kind : "auth";
}

function named(sign: string, kind: ErrorKind, message: string, name: RegExp): FailureSign {
  return {
    name: sign,
    read: (error) => {
      const own = at(error, "name");
      return typeof own === "string" && name.test(own) ? { kind, message } : undefined;
    },
  };
}
