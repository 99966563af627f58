import type { AuthSource, ConnectOptions, Handshake, Timer } from "@oath-ws/contract";
import { urlFault, WsError } from "@oath-ws/contract";
import { blameAuthSource } from "../core/blame.js";
import { cancelController } from "../primitives/cancel.js";
import { urlInvalid } from "../primitives/leaf-errors.js";
import type { Layer } from "./layer.js";
import { tokenFailure } from "./token-failure.js";

/**
 * Asks the source for credentials on every attempt, next to the leaf, so that nothing outside ever
 * sees them (ADR-0033).
 */
export function auth(source: AuthSource, timer: Pick<Timer, "wallNow">): Layer {
  return (inner) => ({
    async connect(handshake, events, options) {
      const authorised = await authorise(source, timer, handshake, options);
      // The attempt may have been given up while the source was thinking.
      if (options?.signal?.aborted === true) throw options.signal.reason;
      const unusable = handshakeFault(authorised);
      if (unusable !== undefined) {
        throw blameAuthSource(
          new WsError({
            kind: "client",
            code: "AUTH_INVALID",
            message: `the AuthSource returned no handshake: ${unusable}`,
          }),
        );
      }
      const fault = urlFault(authorised.url);
      if (fault !== undefined) {
        throw blameAuthSource(urlInvalid(`the AuthSource gave a bad URL: ${fault}`));
      }
      return inner.connect(authorised, events, options);
    },
  });
}

async function authorise(
  source: AuthSource,
  timer: Pick<Timer, "wallNow">,
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
    throw blameAuthSource(tokenFailure(error, timer.wallNow()));
  }
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
