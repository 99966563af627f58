import type { ConnectionIdentity } from "./identity.js";

/**
 * Errors of the stack. One class, told apart by data and not by `instanceof`, so that two installed
 * copies of this package agree:
 *
 *   WsError { kind, code, ... }     any failure
 *     ConfigError { issues }        kind "client", code "CONFIG_INVALID"
 *
 * `kind` says what sort of thing failed and is what policies look at; `code` names the exact fault
 * and is stable. Codes are ours (below), or those of the platform where the platform knows better
 * (`ECONNREFUSED`, `CERT_HAS_EXPIRED`).
 */

/**
 * - `timeout`: an attempt or a silence took too long
 * - `connection`: DNS, TCP or TLS failed, or an open connection ended
 * - `throttled`: a limit was hit: the server's (429, 418) or our own send queue
 * - `auth`: credentials were refused
 * - `client`: our side is at fault: a bad URL, a refused request, a misuse of this API
 * - `server`: the server failed, or broke the protocol
 * - `proxy`: the proxy could not be reached, or refused to tunnel; the venue was not asked
 * - `unknown`: none of these could be told
 */
export type ErrorKind =
  | "timeout"
  | "connection"
  | "throttled"
  | "auth"
  | "client"
  | "server"
  | "proxy"
  | "unknown";

/** The codes that the stack itself gives. Leaves add the platform's. */
export type StackErrorCode =
  /** Options are invalid; nothing was started. */
  | "CONFIG_INVALID"
  /** The URL cannot work; nothing was dialled. */
  | "URL_INVALID"
  /** The attempt, authorisation included, took longer than `connect.timeoutMs`. */
  | "CONNECT_TIMEOUT"
  /** The server answered the upgrade with another status than 101; see `status`. */
  | "UPGRADE_REFUSED"
  /**
   * What answered does not speak HTTP, or its 101 breaks RFC 6455 (a bad accept key, something that
   * was not offered).
   */
  | "HANDSHAKE_INVALID"
  /** The server chose another subprotocol than was offered, or none. */
  | "SUBPROTOCOL_REFUSED"
  /** The server answered with an extension, or a parameter of one, that was not offered. */
  | "EXTENSION_INVALID"
  /** The proxy answered CONNECT with another status than 200; see `status` (kind `proxy`). */
  | "PROXY_REFUSED"
  /** The proxy could not be reached, or ended the connection (kind `proxy`). */
  | "PROXY_UNREACHABLE"
  /** The handshake's headers or subprotocols cannot be sent as they are; nothing was dialled. */
  | "HANDSHAKE_OPTIONS_INVALID"
  /**
   * The function for `tls` threw, or gave something that no TLS context can be made of; nothing was
   * dialled, the next attempt asks again.
   */
  | "TLS_OPTIONS_INVALID"
  /** The `AuthSource` refused or failed; `kind` and `cause` tell which. */
  | "AUTH_FAILED"
  /** The `AuthSource` returned something that is no handshake; nothing was dialled. */
  | "AUTH_INVALID"
  /**
   * A connector or a layer failed with something that is no `WsError` (see `cause`), or the
   * platform does not tell why it failed.
   */
  | "CONNECT_FAILED"
  /** The peer closed; see `close`. */
  | "PEER_CLOSED"
  /** The socket ended without a close frame. */
  | "SOCKET_LOST"
  /**
   * The peer sent something that RFC 6455 or 7692 forbids; see `cause`. `close` has the code of a
   * close frame that did, where it could be read.
   */
  | "PROTOCOL_ERROR"
  /** A message exceeded `limits.maxMessageBytes`. */
  | "MESSAGE_TOO_BIG"
  /** A text message held invalid UTF-8, or a close reason did; then `close` has its code. */
  | "INVALID_UTF8"
  /** Nothing arrived for `liveness.deadAfterMs`. */
  | "PEER_SILENT"
  /**
   * The kernel took nothing of what the socket holds for `liveness.writeStallMs`: the peer does not
   * read.
   */
  | "WRITE_STALLED"
  /** `forceReconnect` was called. */
  | "FORCED"
  /** The first endpoint is back (`failover.returnAfterMs`), and the connection went to it. */
  | "RETURNED"
  /** Every endpoint has failed for good: the message names the causes, `cause.errors` has them. */
  | "ENDPOINTS_REFUSED"
  /** The `EndpointSource` failed, was too late or gave no URL; see `cause`. */
  | "ENDPOINTS_FAILED"
  /** The `EndpointSource` gave something that is no list of URLs that can be dialled. */
  | "ENDPOINTS_INVALID"
  /** `attempts.maxAttempts` failures in a row; see `cause`. */
  | "ATTEMPTS_EXHAUSTED"
  /** There is no connection to send on. */
  | "NOT_CONNECTED"
  /**
   * The epoch that the send belongs to is over, and the frame certainly did not leave: it may be
   * sent again.
   */
  | "EPOCH_ENDED"
  /**
   * The frame was handed to the socket, and the connection, the send's deadline or its signal ended
   * the wait before it was known whether the frame left; `cause` says which. Reconcile, do not send
   * again.
   */
  | "SEND_FATE_UNKNOWN"
  /**
   * The leaf failed a send with something that is no `WsError` (see `cause`); whether the frame
   * left is not known.
   */
  | "SEND_FAILED"
  /** `send.maxPending` or `send.maxPendingBytes` is reached. */
  | "SEND_QUEUE_FULL"
  /**
   * The `deadlineMs` of a send passed before the frame was handed over: it certainly did not leave.
   * As the `cause` of a `SEND_FATE_UNKNOWN`: it passed afterwards.
   */
  | "SEND_DEADLINE"
  /**
   * A single frame is larger than `send.maxPendingBytes`, or than the platform can encode. It can
   * never be sent as it is.
   */
  | "FRAME_TOO_BIG"
  /**
   * The frame cannot be sent as it is (a control payload over 125 bytes, a close frame, a wrong
   * type).
   */
  | "FRAME_INVALID"
  /** The sink was closed by its owner. */
  | "SINK_CLOSED"
  /**
   * A REST request cannot be made as it is, or goes elsewhere than its base address; nothing was
   * sent.
   */
  | "REST_REQUEST_INVALID"
  /**
   * A REST request found no answer: the connection could not be made, or ended too early; see
   * `cause`.
   */
  | "REST_FAILED"
  /** A REST request was not answered in time. */
  | "REST_TIMEOUT"
  /** A REST request was answered with a redirect (`status`), which is not followed. */
  | "REST_REDIRECTED"
  /** A REST request's answer is encoded (compressed), which was not asked for. */
  | "REST_ENCODED"
  /** A REST request's answer has a longer body than is accepted. */
  | "REST_TOO_BIG"
  /** The connection was shut down. */
  | "SHUT_DOWN"
  /** Another reader holds the source. */
  | "READER_BUSY"
  /** A frame that was only lent (`borrow()`) was read after the next call of its source. */
  | "FRAME_TAKEN_BACK"
  /** A stream of the connection was read too slowly: the receive buffer dropped frames. */
  | "LAGGED"
  /**
   * The stack itself failed, or a leaf that throws where it must not; the connection is
   * `unrecoverable`. See `cause`.
   */
  | "INTERNAL"
  /** A foreign error without a code of its own; see `cause`. */
  | "UNKNOWN";

/** How a connection's closing handshake went. */
export interface CloseInfo {
  /**
   * The received close code, 1005 when the frame had none, 1006 when no close frame came. With
   * `PROTOCOL_ERROR` or `INVALID_UTF8` it is the code of a close frame that broke a rule.
   */
  readonly code: number;
  readonly reason: string;
}

/** The fields of a {@link WsError}. */
export interface WsErrorInit {
  readonly kind: ErrorKind;
  readonly code: StackErrorCode | (string & {});
  /**
   * One sentence for a person. Must hold no secret: no header value, no query string, no payload.
   */
  readonly message: string;
  /** The connection that it belongs to; the stack adds it. */
  readonly connection?: ConnectionIdentity | undefined;
  /** Scheme, host and port of the server that was dialled or connected; the stack adds it. */
  readonly endpoint?: string | undefined;
  /** The epoch that it happened in; absent when no connection was up. */
  readonly epoch?: number | undefined;
  /** The HTTP status of a refused upgrade, or of a proxy's refusal. */
  readonly status?: number | undefined;
  /**
   * How long the server asked us to stay away, in milliseconds (`Retry-After`, RFC 9110 section
   * 10.2.3).
   */
  readonly retryAfterMs?: number | undefined;
  /** The response headers of a refused upgrade, names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly close?: CloseInfo | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("oath-ws.error");

/**
 * Any failure of the stack. Tell failures apart by `kind` and `code`; test with {@link isWsError},
 * not `instanceof`.
 */
export class WsError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  // Declared, not defined: a field that does not apply is absent, and a printed error shows only
  // what it knows.
  /**
   * The connection that it belongs to. Absent where none had been made: what is wrong with options
   * or a URL, and what a connector fails with on its own.
   */
  declare connection?: ConnectionIdentity;
  /**
   * Scheme, host and port of the server that was dialled or connected. Absent for what concerns no
   * server.
   */
  declare endpoint?: string;
  declare epoch?: number;
  declare readonly status?: number;
  declare readonly retryAfterMs?: number;
  declare readonly close?: CloseInfo;
  /**
   * Response headers of a refused upgrade. Not enumerable, so that printing the error cannot leak a
   * cookie.
   */
  declare readonly headers?: Readonly<Record<string, string>>;

  constructor(init: WsErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = init.kind;
    this.code = init.code;
    if (init.connection !== undefined) this.connection = init.connection;
    if (init.endpoint !== undefined) this.endpoint = init.endpoint;
    if (init.epoch !== undefined) this.epoch = init.epoch;
    if (init.status !== undefined) this.status = init.status;
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs;
    if (init.close !== undefined) this.close = init.close;
    if (init.headers !== undefined) hide(this, "headers", init.headers);
  }

  static {
    // On the prototype, as built-in errors have it: an own field would be printed with every error.
    hide(WsError.prototype, "name", "WsError");
    hide(WsError.prototype, BRAND, true);
  }
}

/** One thing that is wrong with a configuration. */
export interface ConfigIssue {
  /** Where: `liveness.staleAfterMs`. */
  readonly path: string;
  /** What: `must be greater than probeAfterMs (5000), got 4000`. */
  readonly message: string;
}

/** Everything that is wrong with the given options, at once. Raised before anything is started. */
export class ConfigError extends WsError {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const list = issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ");
    super({ kind: "client", code: "CONFIG_INVALID", message: `invalid configuration: ${list}` });
    this.issues = issues;
  }

  static {
    hide(ConfigError.prototype, "name", "ConfigError");
  }
}

/**
 * Whether `value` is a {@link WsError}, also one made by another installed copy of this package.
 */
export function isWsError(value: unknown): value is WsError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** Whether `value` is a {@link ConfigError}. */
export function isConfigError(value: unknown): value is ConfigError {
  return isWsError(value) && value.code === "CONFIG_INVALID";
}

function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}
