import { isWsError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";
import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import { relayError } from "./relay-error.js";

/** Codes of the JetStream API, from its list of errors. */
const WRONG_LAST_MESSAGE: readonly number[] = [10_070, 10_071, 10_164];
const NO_ROOM: readonly number[] = [10_023, 10_026, 10_028, 10_047, 10_054, 10_077, 10_122];
const NO_JETSTREAM: readonly number[] = [10_035, 10_039, 10_076];
const STREAM_NOT_FOUND = 10_059;

/**
 * Makes a foreign error ours. Its own text is kept as the cause only: a server's text may name
 * users and subjects. /
 */
export function fromNatsError(error: unknown): WsError {
  if (isWsError(error)) return error;
  if (error instanceof JetStreamApiError) return fromApi(error);
  if (
    error instanceof errors.AuthorizationError ||
    error instanceof errors.PermissionViolationError
  )
    return relayError("RELAY_AUTH", "The NATS server refuses these credentials.", error);
  if (error instanceof errors.UserAuthenticationExpiredError)
    return relayError("RELAY_AUTH", "The credentials for the NATS server have expired.", error);
  if (error instanceof errors.TimeoutError)
    return relayError("RELAY_TIMEOUT", "The NATS server did not answer in time.", error);
  if (error instanceof errors.RequestError) {
    if (error.isNoResponders())
      return relayError(
        "RELAY_NO_JETSTREAM",
        "The NATS server answers, and JetStream does not: it is off, or it is starting.",
        error,
      );
    return fromNatsError(error.cause ?? new errors.TimeoutError());
  }
  if (
    error instanceof errors.NoRespondersError ||
    // Its class is not exported.
    (error instanceof Error && error.name === "JetStreamNotEnabled")
  )
    return relayError("RELAY_NO_JETSTREAM", "JetStream does not answer: is it on?", error);
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.ConnectionError)
    return relayError("RELAY_UNREACHABLE", "The NATS server cannot be reached.", error);
  return relayError("RELAY_FAILED", "The NATS server failed; see the cause.", error);
}

function fromApi(error: JetStreamApiError): WsError {
  const { code } = error;
  if (WRONG_LAST_MESSAGE.includes(code))
    return relayError("RELAY_CONFLICT", "Something else was written first.", error);
  if (NO_ROOM.includes(code))
    return relayError("RELAY_FULL", "JetStream has no room: its disk or limit is full.", error);
  if (NO_JETSTREAM.includes(code))
    return relayError("RELAY_NO_JETSTREAM", "JetStream is off for this account or server.", error);
  if (code === STREAM_NOT_FOUND)
    return relayError("RELAY_NOT_FOUND", "The engine has no stream of this name.", error);
  if (error.status === 503)
    return relayError("RELAY_TIMEOUT", "JetStream is not ready to answer.", error);
  return relayError("RELAY_FAILED", `JetStream refused: error ${code}; see the cause.`, error);
}
