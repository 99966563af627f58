import type { TlsInfo } from "./connector.js";
import type { ErrorKind } from "./errors.js";
import type { ConnectionIdentity } from "./identity.js";
import type { Phase, WaitReason } from "./lifecycle.js";

/** How often attempts failed, and connections were lost, for one cause. */
export interface FailureCount {
  readonly kind: ErrorKind;
  /** As in `WsError.code`; `"OTHER"` stands for all codes after the first 64 different ones. */
  readonly code: string;
  readonly count: number;
}

/** How often a connection was attempted at one endpoint. */
export interface EndpointAttempts {
  /** Scheme, host and port; `"other"` stands for all after the first 64 different ones. */
  readonly endpoint: string;
  readonly count: number;
}

/**
 * The figures of a connection at one instant: `ReconnectingConnection.stats()`. A plain object that
 * may be kept and serialized. Fields that begin with `total`, and counts, never fall; all others
 * are levels. Reading it costs a few microseconds, and nothing is paid while it is not read.
 */
export interface ConnectionStats {
  readonly connection: ConnectionIdentity;
  /** When it was read ({@link Timer.now} milliseconds). */
  readonly at: number;
  readonly phase: Phase;
  /** Connections established so far; 0 before the first. */
  readonly epoch: number;
  /** Scheme, host and port of the server; see `LifecycleSnapshot`. */
  readonly endpoint: string;

  /** Data frames received so far, dropped ones included. */
  readonly totalReceivedFrames: number;
  /** Their payload, in bytes; of frames that were never decompressed, what was read. */
  readonly totalReceivedBytes: number;
  /** Data frames that the receive buffer dropped so far. */
  readonly totalLaggedFrames: number;
  /** Their payload, in bytes. */
  readonly totalLaggedBytes: number;
  /** Frames that wait for the reader. */
  readonly bufferedFrames: number;
  /** What of `buffer.maxBytes` they use, in bytes. */
  readonly bufferedBytes: number;
  /** How long the oldest of them has waited, in milliseconds; 0 when none waits. */
  readonly readerBehindMs: number;
  /** Milliseconds since the last data frame arrived; `undefined` before the first. */
  readonly dataAgeMs: number | undefined;
  /** Milliseconds since anything arrived, control frames included; `undefined` before the first. */
  readonly inboundAgeMs: number | undefined;
  /** Whether the connector holds back what it has read; see `LeafConnection.isPaused`. */
  readonly isPaused: boolean;

  /** Frames that left so far, by the word of the connector. */
  readonly totalSentFrames: number;
  /** Sends whose promise is not settled. */
  readonly unsettledSends: number;
  /** Their payload, in bytes; a string counts one byte a UTF-16 unit. */
  readonly unsettledBytes: number;
  /** How long ago the oldest of them was made, in milliseconds; 0 when there is none. */
  readonly oldestUnsettledMs: number;
  /** Bytes that the socket holds and the kernel has not taken; 0 without a socket. */
  readonly socketBytes: number;
  /** The round trip of the last answered ping, in milliseconds; `undefined` before the first. */
  readonly roundTripMs: number | undefined;
  /** By how much the send limit is widened, in milliseconds; `undefined` without a limit. */
  readonly slackMs: number | undefined;

  /** Attempts started so far. */
  readonly totalAttempts: number;
  /** The same by endpoint, in the order of the first attempt at each. */
  readonly attemptsByEndpoint: readonly EndpointAttempts[];
  /** Failed attempts and lost connections so far, by cause, in the order of the first of each. */
  readonly failures: readonly FailureCount[];
  /** Times the feed went stale so far. */
  readonly totalStale: number;
  /** Milliseconds spent down so far, the present outage included. */
  readonly totalDownMs: number;
  /** What the next attempt waits for; `undefined` while nothing is waited for. */
  readonly waitingFor: WaitReason | undefined;
  /** Milliseconds spent waiting for the attempt gate so far, the present wait included. */
  readonly totalGateWaitMs: number;

  /**
   * Sockets that were given up and that the platform has not closed yet, over all connections of
   * the page or process; `undefined` for a transport that drops its sockets at once. The peer still
   * sees them. A number that grows shows peers that do not answer close frames.
   */
  readonly lingeringSockets: number | undefined;

  /**
   * How the open connection is protected, or the last one while there is none; `undefined` for
   * `ws:`, before the first connection, and where the platform does not tell. `verification` is
   * `"off"` with `rejectUnauthorized: false`.
   */
  readonly tls: TlsInfo | undefined;
}
