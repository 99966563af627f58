import type { AuthSource, ConnectOptions, Handshake } from "@oath-ws/contract";
import { isWsError, urlFault, WsError } from "@oath-ws/contract";
import { cancelController } from "../primitives/cancel.js";
import { urlInvalid } from "../primitives/leaf-errors.js";
import type { Layer } from "./layer.js";

/**
 * Asks the source for credentials on every attempt, next to the leaf, so that nothing outside ever
 * sees them (ADR-0033).
 */
export function auth(source: AuthSource): Layer {
  return (inner) => ({
    async connect(handshake, events, options) {
      const authorised = await authorise(source, handshake, options);
      // The attempt may have been given up while the source was thinking.
      if (options?.signal?.aborted === true) throw options.signal.reason;
      const unusable = handshakeFault(authorised);
      if (unusable !== undefined) {
        throw new WsError({
          kind: "client",
          code: "AUTH_INVALID",
          message: `the AuthSource returned no handshake: ${unusable}`,
        });
      }
      const fault = urlFault(authorised.url);
      if (fault !== undefined) {
        throw urlInvalid(`the AuthSource gave a bad URL: ${fault}`);
      }
      return inner.connect(authorised, events, options);
    },
  });
}

async function authorise(
  source: AuthSource,
  handshake: Handshake,
  options: ConnectOptions | undefined,
): Promise<Handshake> {
  try {
    return await source.authorize(handshake, {
      attempt: options?.attempt ?? 1,
      lastError: options?.lastError,
      signal: options?.signal ?? cancelController().signal,
    });
  } catch (error) {
    throw authFailure(error);
  }
}

/** See {@link AuthSource} for how failures are told apart. */
function authFailure(error: unknown): WsError {
  if (isWsError(error)) return error;
  const code = "AUTH_FAILED";
  if (nameOf(error) === "TimeoutError") {
    return new WsError({
      kind: "timeout",
      code,
      message: "the AuthSource timed out",
      cause: error,
    });
  }
  const outage = outageCodeOf(error) ?? outageCodeOf(causeOf(error));
  if (outage !== undefined) {
    const message = `the AuthSource could not reach its service (${outage})`;
    return new WsError({ kind: "connection", code, message, cause: error });
  }
  if (nameOf(error) === "SyntaxError") {
    return new WsError({
      kind: "server",
      code,
      message: "the AuthSource could not read the answer of its service",
      cause: error,
    });
  }
  return new WsError({ kind: "auth", code, message: "the AuthSource refused", cause: error });
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function nameOf(error: unknown): unknown {
  return property(error, "name");
}

function causeOf(error: unknown): unknown {
  return property(error, "cause");
}

/**
 * What a request fails with that was not answered, or not by the service: the system and the
 * resolver, undici, TLS and certificates, Node's own words for a broken stream, and an answer that
 * is no HTTP or does not unpack. Codes of other shapes (`ERR_INVALID_ARG_TYPE`, and `ERR_OSSL_` of
 * a key that cannot be read) name faults that stay.
 */
const OUTAGE =
  /^(E[A-Z0-9]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+|HPE_[A-Z_]+|Z_[A-Z_]+|ERR_(TLS|SSL|SOCKET|STREAM)_[A-Z0-9_]+|(CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_)[A-Z_]+|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$/;

function outageCodeOf(error: unknown): string | undefined {
  const code = property(error, "code");
  return typeof code === "string" && OUTAGE.test(code) ? code : undefined;
}

/**
 * Says why this is no handshake. What is in a handshake is the leaf's to judge; nothing of it is
 * shown.
 */
function handshakeFault(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return `it is ${typeName(value)}`;
  const faults: string[] = [];
  const { url, protocols, headers } = value as Readonly<Record<string, unknown>>;
  if (typeof url !== "string") faults.push(`url must be a string, got ${typeName(url)}`);
  if (!Array.isArray(protocols))
    faults.push(`protocols must be an array, got ${typeName(protocols)}`);
  // A Headers or a Map has no fields of its own: its credentials would be left out in silence.
  if (typeof headers !== "object" || headers === null || Symbol.iterator in headers) {
    faults.push(`headers must be a plain object, got ${typeName(headers)}`);
  }
  return faults.length === 0 ? undefined : faults.join("; ");
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && Symbol.iterator in value
    ? "an iterable object"
    : typeof value;
}
