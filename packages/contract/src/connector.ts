/// <reference lib="esnext.disposable" preserve="true" />
import type { CancelSignal } from "./cancel-signal.js";
import type { WsControl, ReconnectTrigger } from "./control.js";
import type { ConnectRequest } from "./endpoints.js";
import type { WsError } from "./errors.js";
import type { Frame, LeafFrame } from "./frame.js";
import type { Lifecycle } from "./lifecycle.js";
import type { SendOutcome, WsSink } from "./sink.js";
import type { FrameSource } from "./source.js";
import type { ConnectionStats } from "./stats.js";

/** What is sent to open a connection. An `AuthSource` returns an edited copy for every attempt. */
export interface Handshake {
  /** An absolute `ws:` or `wss:` URL without a fragment (RFC 6455 section 3). */
  readonly url: string;
  /** Subprotocols to offer, best first; empty for none. */
  readonly protocols: readonly string[];
  /**
   * Additional request headers. Their values are treated as secrets: no error, trace or log shows
   * them.
   */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A step of a dial that has ended: the name is resolved (absent for an address), TCP is connected,
 * TLS is agreed on, the server has answered the upgrade with 101. Through a proxy, `dns` and `tcp`
 * are the proxy's.
 */
export type DialPhase = "dns" | "tcp" | "tls" | "upgrade";

/** Options of {@link WsConnector.connect}. */
export interface ConnectOptions {
  /**
   * Cancels the attempt at whatever step it is; `connect` then rejects with the signal's reason and
   * leaves nothing open.
   */
  readonly signal?: CancelSignal | undefined;
  /** Which attempt of the caller this is, 1 for the first; layers hand it on, leaves ignore it. */
  readonly attempt?: number | undefined;
  /** Why the previous attempt or connection ended; layers hand it on, leaves ignore it. */
  readonly lastError?: WsError | undefined;
  /**
   * Is told when a step of the dial has ended, in order, each at most once, before `connect`
   * settles. `at` is the time by the leaf's clock, in milliseconds. A leaf that cannot tell a step
   * leaves it out. Must not throw. Layers hand it on.
   */
  readonly onPhase?: ((phase: DialPhase, at: number) => void) | undefined;
}

/**
 * What happens to one connection, told by its connector in the socket's own turn (ADR-0041). The
 * caller of {@link WsConnector.connect} implements this. No method may throw.
 *
 * The order is fixed: {@link opened} first, {@link ended} last, each exactly once, and everything
 * else between the two. An attempt that fails calls nothing: its promise rejects.
 */
export interface LeafEvents {
  /**
   * The connection is open. Called once, later than the call of `connect`, in the turn in which the
   * socket opened. The receiver may use or destroy `connection` at once.
   */
  opened(connection: LeafConnection): void;
  /**
   * Bytes arrived, complete frames or not. Called once for every read of the socket, before the
   * frames of that read; a connector whose platform shows only messages calls it for each message.
   * Also called when a pause of the connector's own ends ({@link LeafConnection.isPaused}), after
   * the frames that had waited.
   *
   * @param at when the socket was read, in milliseconds of {@link Timer.now}
   */
  read(at: number): void;
  /**
   * A text, binary, ping or pong frame arrived. The receiver owns the payload; it is never reused
   * or changed afterwards. The connector answers no ping: the receiver does.
   */
  frame(frame: LeafFrame): void;
  /**
   * Text and binary messages were read and will never be told: the connection ended before their
   * turn to be decompressed came. At most once, before {@link ended}, also within
   * {@link LeafConnection.destroy}.
   *
   * @param frames how many; at least 1
   * @param bytes their payload as it was read, still compressed
   */
  dropped(frames: number, bytes: number): void;
  /**
   * The peer's close frame arrived, and was answered. No frame follows; sends are refused. At most
   * once. {@link ended} follows when the socket is gone.
   *
   * @param code the received close code; 1005 when the frame carried none
   * @param reason the close reason as text, or as the received UTF-8 bytes
   */
  closed(code: number, reason: string | Uint8Array): void;
  /**
   * The last event: the socket is gone, or nothing more can come of it. All sends are settled.
   *
   * @param error why; `undefined` when the receiver closed or destroyed the connection.
   *   `PEER_CLOSED` after {@link closed}
   */
  ended(error: WsError | undefined): void;
}

/** How a connection is protected. */
export interface TlsInfo {
  /** `"TLSv1.3"`; `undefined` when the platform does not tell. */
  readonly protocol: string | undefined;
  /**
   * `"off"`: the certificate of this connection was not verified, or need not have passed. Anybody
   * on the way may read and change everything.
   */
  readonly verification: "on" | "off";
}

/**
 * The leaf seam: opens one connection, once. Everything that retries, times out, authenticates or
 * buffers is a layer over this interface. Authors of a connector run `@oath-ws/testing`'s
 * conformance suite.
 */
export interface WsConnector {
  /**
   * Opens a connection and tells `events` what happens to it. Resolves with the connection that
   * {@link LeafEvents.opened} announced; only the rejection tells news. Rejects with a `WsError`,
   * or with the reason of `options.signal`, when no connection was made; then no event is ever
   * told.
   */
  connect(
    handshake: Handshake,
    events: LeafEvents,
    options?: ConnectOptions,
  ): Promise<LeafConnection>;
  /**
   * How many sockets were given up that the platform has not closed yet, over all connections of
   * this page or process. Only for a connector that cannot drop a socket at once, as in browsers
   * and Deno.
   */
  lingeringSockets?(): number;
}

/**
 * What can be done with one open connection, and what is known of it. It holds no frames: what
 * arrives goes to {@link LeafEvents} as it comes.
 */
export interface LeafConnection {
  /**
   * Sends one frame: a string as text, a bare `Uint8Array` as binary, or a {@link Frame}. Frames
   * leave in the order of the calls. `outcome` is told once, possibly within this call: `failed`
   * with `FRAME_INVALID`, `SINK_CLOSED` (after {@link close}) or `NOT_CONNECTED` when the frame
   * certainly did not leave, with `SEND_FATE_UNKNOWN` when the connection ended first. The payload
   * must not be changed before that.
   */
  send(frame: Frame | string | Uint8Array, outcome: SendOutcome): void;
  /**
   * Starts the closing handshake, once; {@link LeafEvents.ended} tells the end, without an error.
   * Frames that arrive before the peer's answer are still told. Throws `FRAME_INVALID` for a code
   * or reason that cannot be sent; then nothing closes. Without effect when the connection is over.
   *
   * @param code 1000 (the default), 3000-4999, or 1005 for a close frame without a code
   * @param reason at most 123 bytes of UTF-8; empty with 1005
   */
  close(code?: number, reason?: string): void;
  /**
   * Drops the socket now, without a closing handshake. Unsettled sends fail and
   * {@link LeafEvents.ended} is told within the call. Idempotent.
   */
  destroy(): void;
  /** The subprotocol that the server chose; empty when none. */
  readonly protocol: string;
  /**
   * The headers of the upgrade's response, names in lower case; empty where the platform hides
   * them. They may hold secrets (`set-cookie`), so that Node's connectors do not print them.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** How the connection is protected; absent for `ws:`, and where the platform does not tell. */
  readonly tls?: TlsInfo | undefined;
  /**
   * Whether the connector can send ping frames and tells of received ones. A browser's socket can
   * do neither; liveness then has only silence to go by.
   */
  readonly controlFrames: boolean;
  /**
   * Bytes that were handed over and that the socket has not given to the kernel; 0 when nothing
   * waits. A number that does not shrink means that the peer does not read.
   */
  readonly bufferedBytes: number;
  /**
   * Whether the connector holds back what it has read, because to decompress all of it at once
   * would block the process. It reads nothing meanwhile, so that silence says nothing of the peer.
   * Absent: it never does.
   */
  readonly isPaused?: boolean | undefined;
}

/** Options of {@link ReconnectingConnector.connect}. */
export interface ReconnectingConnectOptions {
  /**
   * How traces, errors and statistics name the connection, 1 to 128 characters without control
   * characters. Must hold no secret. Default: host and port of the (first) URL, `endpoints` for an
   * `EndpointSource`. See `ConnectionIdentity` for what follows when several have the same.
   */
  readonly name?: string | undefined;
  /**
   * Cancels the wait for the first connection and shuts the connection down; it has no effect once
   * `connect` has settled.
   */
  readonly signal?: CancelSignal | undefined;
  /**
   * `true` (the default): `connect` settles when the first connection is up, or rejects with a
   * permanent failure. `false`: it resolves at once, in phase `connecting`.
   */
  readonly awaitFirst?: boolean | undefined;
}

/** The outer seam: what `stack()` and `build()` give. May be used for many connections. */
export interface ReconnectingConnector {
  /**
   * Opens a connection that keeps itself up, to one server or to the first of several that lets it.
   *
   * Rejects before anything is dialled: with `URL_INVALID` when the one URL cannot work, and with a
   * `ConfigError` that lists everything that is wrong with a list of URLs, when the attempt gate's
   * `key` fails for a URL, and when `name` cannot be used. Rejects later with the cause of a
   * permanent failure, or with the signal's reason. Transient failures are retried without end
   * unless `attempts.maxAttempts` says otherwise.
   */
  connect(
    request: ConnectRequest,
    options?: ReconnectingConnectOptions,
  ): Promise<ReconnectingConnection>;
}

/**
 * What a program that only watches may do with a connection: look, and ask for a new one. It is
 * what the diagnostics channel `oath-ws:connection` of Node passes on.
 */
export interface ObservedConnection {
  /** Unique over processes and time; see `ConnectionIdentity`. */
  readonly id: string;
  /** For people; see `ConnectionIdentity`. */
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly trigger: ReconnectTrigger;
  /** The figures of the connection as they are now. */
  stats(): ConnectionStats;
}

/**
 * A connection that survives its sockets. The parts belong to different owners: hand `source` to
 * the one reader, `sink` to the senders, share `lifecycle` and `trigger` freely, and keep
 * `control`. Disposing it (`await using`) shuts it down.
 */
export interface ReconnectingConnection extends ObservedConnection, AsyncDisposable {
  readonly sink: WsSink;
  readonly source: FrameSource;
  readonly control: WsControl;
  /**
   * The headers of the response that upgraded the current connection, or the last one while there
   * is none, names in lower case; empty before the first and where the platform hides them. Those
   * that may hold secrets (`set-cookie` and names with "auth", "token", "key", "secret" or
   * "session" in them) are not enumerable: they can be read by name, and are not printed or
   * serialized.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The subprotocol that the server chose for the current connection, or for the last one while
   * there is none; empty when it chose none, and before the first. Who offers several should read
   * it again in every epoch: the next server may choose another.
   */
  readonly protocol: string;
}
