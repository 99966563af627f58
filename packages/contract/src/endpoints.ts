import type { CancelSignal } from "./cancel-signal.js";
import type { Handshake } from "./connector.js";
import type { WsError } from "./errors.js";

/** What an {@link EndpointSource} is told about the round that it supplies. */
export interface EndpointContext {
  /** 1 for the first round of this connection, +1 for every later one. */
  readonly round: number;
  /** Why the last attempt or connection ended; `undefined` in the first round. */
  readonly lastError?: WsError | undefined;
  /** Aborted when `connect.timeoutMs` passed or the connection is shut down: stop asking then. */
  readonly signal: CancelSignal;
}

/**
 * Supplies the endpoints of a connection, for instance from service discovery. It is asked before
 * the first attempt and before every further round: when every endpoint of the last answer has
 * failed once, or the connection was lost.
 *
 * Its answer is judged like a list given to `connect`: 1 to 64 absolute `ws:` or `wss:` URLs, no
 * two alike, best first. It must answer within `connect.timeoutMs`.
 *
 * Its failure is a failed attempt like any other: told in `cause`, classified, and followed by
 * another round after the backoff. A `WsError` is taken as it stands, with its `retryAfterMs`; any
 * other error and an empty list are `ENDPOINTS_FAILED` (passing), a list that cannot be used is
 * `ENDPOINTS_INVALID` (permanent after `attempts.permanentRetries` tries).
 */
export interface EndpointSource {
  next(context: EndpointContext): readonly string[] | Promise<readonly string[]>;
}

/**
 * What a connection is asked for with: a {@link Handshake} for one server or for several. With
 * several URLs the first is preferred; see `docs/topics/reconnect.md` of the repository for the
 * order in which they are tried.
 */
export interface ConnectRequest extends Omit<Handshake, "url"> {
  /** One URL, a list of 1 to 64 URLs with the preferred one first, or a source of such lists. */
  readonly url: string | readonly string[] | EndpointSource;
}
