import type { CancelSignal } from "./cancel-signal.js";
import type { Handshake } from "./connector.js";
import type { WsError } from "./errors.js";

/** What an {@link AuthSource} is told about the attempt it authorises. */
export interface AuthContext {
  /** 1 for the first attempt of this connection, +1 for every later one. */
  readonly attempt: number;
  /** Why the previous attempt or connection ended; `undefined` on the first attempt. */
  readonly lastError?: WsError | undefined;
  /** Aborted when the attempt times out or the connection is shut down: stop fetching then. */
  readonly signal: CancelSignal;
}

/**
 * Supplies credentials. It is asked again for every attempt and nothing is cached, because a token
 * that was good for the last connection may have expired since (ADR-0032). It may edit headers, URL
 * and subprotocols by returning another handshake.
 *
 * How a failure is judged. A `WsError` is taken as it stands. An outage of the token service is
 * transient, whatever library reports it:
 *
 * - an HTTP status of 5xx, 429, 418, 408 or 425 on the error or on its `response` (axios, got, ky,
 *   the AWS SDK and others)
 * - a code of the system, of TLS, of HTTP or of axios (`ECONNREFUSED`, `CERT_HAS_EXPIRED`,
 *   `ERR_NETWORK`), also in the `cause` of an error, up to 7 causes deep
 * - an error named `TimeoutError`, `AbortError` or `SyntaxError` (a proxy's page where JSON was
 *   expected), or a `fetch` that was not answered
 * - a rejection without a value, which says nothing
 *
 * Every other 4xx status, and every error without such a sign, is a refusal, kind `auth`. It is
 * permanent after `attempts.permanentRetries` tries; so is returning something that is not a
 * handshake (`AUTH_INVALID`). To have a `Retry-After` of the token service obeyed, throw a
 * `WsError` with `retryAfterMs`. The time it takes counts against `connect.timeoutMs`.
 */
export interface AuthSource {
  authorize(handshake: Handshake, context: AuthContext): Handshake | Promise<Handshake>;
}
