import type { CancelSignal } from "./cancel-signal.js";
import type { WsControl, ReconnectTrigger } from "./control.js";
import type { WsError } from "./errors.js";
import type { Frame, ReceivedFrame } from "./frame.js";
import type { Lifecycle } from "./lifecycle.js";
import type { WsSink } from "./sink.js";
import type { WsSource } from "./source.js";

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
}

/**
 * The leaf seam (ADR-0032): opens one connection, once. Everything that retries, times out,
 * authenticates or buffers is a layer over this interface. Rejects with a `WsError`. Authors of a
 * leaf run `@oath-ws/testing`'s conformance suite.
 */
export interface WsConnector {
  connect(handshake: Handshake, options?: ConnectOptions): Promise<WsConnection>;
}

/**
 * One established connection as a leaf gives it: two halves, owned by whoever the caller hands them
 * to, and a lifecycle that goes from `connected` to `closed`, once.
 *
 * The leaf always reads its socket; what it has read waits in `source` without a bound, so the
 * owner must take promptly (the resilient stack does, into its bounded buffer). The owner of a bare
 * connection answers pings itself.
 */
export interface WsConnection {
  readonly sink: WsSink;
  readonly source: WsSource<Frame>;
  /** `lastInboundAt` moves with every byte that arrives, not only with complete frames. */
  readonly lifecycle: Lifecycle;
  /** The subprotocol that the server chose; empty when none. */
  readonly protocol: string;
  /**
   * Whether the leaf can send ping frames and hands over received ones. A browser's socket can do
   * neither; liveness then has only silence to go by.
   */
  readonly controlFrames: boolean;
  /**
   * Drops the socket now, without a closing handshake: unsettled sends reject, the source ends
   * cleanly after what it holds, and the lifecycle is `closed` without a cause, because the owner
   * wanted it. Idempotent.
   */
  destroy(): void;
}

/** Options of {@link ReconnectingConnector.connect}. */
export interface ReconnectingConnectOptions {
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
   * Opens a connection that keeps itself up. Rejects before anything is dialled with `URL_INVALID`
   * when the URL cannot work, and with a `ConfigError` when the attempt gate's `key` fails for it;
   * later with the cause of a permanent failure, or with the signal's reason. Transient failures
   * are retried without end unless `attempts.maxAttempts` says otherwise.
   */
  connect(
    handshake: Handshake,
    options?: ReconnectingConnectOptions,
  ): Promise<ReconnectingConnection>;
}

/**
 * A connection that survives its sockets. The parts belong to different owners: hand `source` to
 * the one reader, `sink` to the senders, share `lifecycle` and `trigger` freely, and keep
 * `control`. Disposing it (`await using`) shuts it down.
 */
export interface ReconnectingConnection extends AsyncDisposable {
  readonly sink: WsSink;
  readonly source: WsSource<ReceivedFrame>;
  readonly lifecycle: Lifecycle;
  readonly control: WsControl;
  readonly trigger: ReconnectTrigger;
  /**
   * The subprotocol that the server chose for the current connection, or for the last one while
   * there is none; empty when it chose none, and before the first. Who offers several should read
   * it anew in every epoch: the next server may choose another.
   */
  readonly protocol: string;
}
