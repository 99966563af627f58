import type { AuthSource, ConnectOptions, Handshake } from "@oath-ws/contract";
import { isWsError, urlFault, WsError } from "@oath-ws/contract";
import { cancelController } from "./cancel.js";
import type { Layer } from "./layer.js";

/** Asks the source for credentials on every attempt, next to the leaf, so that nothing outside ever sees them (ADR-0033). */
export function auth(source: AuthSource): Layer {
  return (inner) => ({
    async connect(handshake, options) {
      const authorised = await authorise(source, handshake, options);
      // The attempt may have been given up while the source was thinking.
      if (options?.signal?.aborted === true) throw options.signal.reason;
      const fault = urlFault(authorised.url);
      if (fault !== undefined) {
        throw new WsError({ kind: "client", code: "URL_INVALID", message: `the AuthSource gave a bad URL: ${fault}` });
      }
      return inner.connect(authorised, options);
    },
  });
}

async function authorise(source: AuthSource, handshake: Handshake, options: ConnectOptions | undefined): Promise<Handshake> {
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
    return new WsError({ kind: "timeout", code, message: "the AuthSource timed out", cause: error });
  }
  const systemCode = systemCodeOf(error) ?? systemCodeOf(causeOf(error));
  if (systemCode !== undefined) {
    const message = `the AuthSource could not reach its service (${systemCode})`;
    return new WsError({ kind: "connection", code, message, cause: error });
  }
  return new WsError({ kind: "auth", code, message: "the AuthSource refused", cause: error });
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function nameOf(error: unknown): unknown {
  return property(error, "name");
}

function causeOf(error: unknown): unknown {
  return property(error, "cause");
}

/** `ECONNREFUSED` and its like; codes of other shapes (`ERR_INVALID_ARG_TYPE`) name programming errors. */
function systemCodeOf(error: unknown): string | undefined {
  const code = property(error, "code");
  return typeof code === "string" && /^(E[A-Z]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code) ? code : undefined;
}
