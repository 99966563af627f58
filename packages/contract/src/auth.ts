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
 * Supplies credentials. It is asked anew for every attempt and nothing is cached, because a token
 * that was good for the last connection may have expired since (ADR-0032). It may edit headers, URL
 * and subprotocols by returning another handshake.
 *
 * How a failure is taken: a `WsError` as it stands. As an outage of the token service, which is
 * transient: an error with a code of the system, of TLS or of HTTP (`ECONNREFUSED`,
 * `CERT_HAS_EXPIRED`, also as the `cause` of a failed `fetch`), one named `TimeoutError`, and a
 * `SyntaxError` (a proxy's page where JSON was expected). Anything else as a refusal, kind `auth`,
 * which is permanent after `attempts.permanentRetries` tries; so is returning something that is no
 * handshake (`AUTH_INVALID`). The time it takes counts against `connect.timeoutMs`.
 */
export interface AuthSource {
  authorize(handshake: Handshake, context: AuthContext): Handshake | Promise<Handshake>;
}
