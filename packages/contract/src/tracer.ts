import type { Verdict } from "./classify.js";
import type { DialPhase, TlsInfo } from "./connector.js";
import type { WsError } from "./errors.js";
import type { ConnectionIdentity } from "./identity.js";
import type { LifecycleSnapshot } from "./lifecycle.js";

/**
 * The trail of what happened, for people and telemetry. Lossy by contract: decisions belong on the
 * {@link Lifecycle}. Times are {@link Timer.now} milliseconds. No event holds a header, a path, a
 * query string or a payload. `connection` says whose event it is.
 */
export type TraceEvent = { readonly connection: ConnectionIdentity } & TraceDetail;

/** What happened, without the connection that it happened to. */
type TraceDetail =
  /**
   * An attempt begins. `endpoint` is the scheme, host and port. `isTrial`: the connection is up at
   * another endpoint, and this tries the first one beside it (`failover.returnAfterMs`).
   */
  | {
      readonly kind: "attempt";
      readonly at: number;
      readonly attempt: number;
      readonly endpoint: string;
      readonly isTrial: boolean;
    }
  /**
   * A step of the dial ended, `elapsedMs` after the attempt began. Connectors that cannot tell the
   * steps apart leave these out.
   */
  | {
      readonly kind: "phase";
      readonly at: number;
      readonly attempt: number;
      readonly phase: DialPhase;
      readonly elapsedMs: number;
    }
  /**
   * The attempt succeeded, and the connection is that of `epoch`. `tls.verification` is `"off"`
   * when the certificate was not verified; `tls` is `undefined` for `ws:`, and where the platform
   * does not tell.
   */
  | {
      readonly kind: "opened";
      readonly at: number;
      readonly attempt: number;
      readonly epoch: number;
      readonly endpoint: string;
      readonly tls: TlsInfo | undefined;
    }
  /**
   * An attempt failed, or a connection was lost in `epoch`; the next attempt is due at `retryAt`,
   * unless it was the last. `endpoint` is the server that failed; empty for an `EndpointSource`.
   */
  | {
      readonly kind: "failure";
      readonly at: number;
      readonly epoch: number;
      readonly endpoint: string;
      readonly error: WsError;
      readonly verdict: Verdict;
      readonly retryAt: number | undefined;
    }
  /**
   * A trial of the first endpoint failed, beside the connection that is up elsewhere and stays. The
   * next trial is at `retryAt`.
   */
  | {
      readonly kind: "trialFailed";
      readonly at: number;
      readonly endpoint: string;
      readonly error: WsError;
      readonly retryAt: number;
    }
  /** The snapshot was replaced by one with another phase or epoch. */
  | {
      readonly kind: "transition";
      readonly at: number;
      readonly from: LifecycleSnapshot;
      readonly to: LifecycleSnapshot;
    }
  /**
   * Our own process was late by `lateMs` (a blocked event loop), or the machine slept; no verdict
   * on the peer was taken.
   */
  | {
      readonly kind: "stall";
      readonly at: number;
      readonly lateMs: number;
      readonly slept: boolean;
    }
  /** A probe ping was sent into a silence of `silentMs`. */
  | { readonly kind: "probe"; readonly at: number; readonly silentMs: number }
  /**
   * The socket holds `bytes` and the kernel took none of them for `stalledMs`; the connection is
   * dropped.
   */
  | {
      readonly kind: "writeStall";
      readonly at: number;
      readonly bytes: number;
      readonly stalledMs: number;
    }
  /**
   * The peer's pings use up the send limit: from here on only the newest one is answered, at the
   * pace of the limit. Sends are down to the `sendSlots` (per window of `windowMs`, which includes
   * the slack) that pongs never take. At most one event per window.
   */
  | {
      readonly kind: "starved";
      readonly at: number;
      readonly sendSlots: number;
      readonly windowMs: number;
      readonly unsettled: number;
    }
  /**
   * The receive buffer dropped this much since the last such event. The first comes at once, then
   * at most one per 100 ms, and the last completes the totals.
   */
  | { readonly kind: "lag"; readonly at: number; readonly frames: number; readonly bytes: number }
  /**
   * A lifecycle listener, a `classify`, a gate or the tracer threw, or returned a promise that
   * rejected; the stack went on. Of a tracer only the first fault is told. Without a tracer Node
   * prints a process warning, and a browser a warning on the console.
   */
  | {
      readonly kind: "fault";
      readonly at: number;
      readonly where: "listener" | "classify" | "gate" | "tracer";
      readonly error: unknown;
    };

/**
 * Receives {@link TraceEvent}s, synchronously. What it throws does not reach the connection:
 * watching must not break what is watched. It must not block either: it runs in the connection's
 * own turn, so a synchronous write to a slow disk or pipe delays the pongs. Queue what takes time.
 */
export interface Tracer {
  trace(event: TraceEvent): void;
}
