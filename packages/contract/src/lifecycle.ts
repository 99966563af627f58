import type { CancelSignal } from "./cancel-signal.js";
import type { WsError } from "./errors.js";

/**
 * Where a connection stands.
 *
 * - `connecting`: never been up yet
 * - `connected`: up, in epoch 1
 * - `resumed`: up, in a later epoch: whatever was subscribed in the last one is gone
 * - `stale`: the socket is open but silent; the data may be old. Ends in `connected`/`resumed`, or
 *   in a reconnect
 * - `reconnecting`: was up, is down, will be up again
 * - `unrecoverable`: gave up after a permanent failure (terminal; see `cause`)
 * - `closed`: shut down, or `exhausted` its voluntary `maxAttempts` (terminal)
 */
export type Phase =
  | "connecting"
  | "connected"
  | "stale"
  | "reconnecting"
  | "resumed"
  | "unrecoverable"
  | "closed";

/**
 * The state of a connection at one instant. Immutable, and replaced whenever a field changes, so
 * `===` tells whether anything did. Every field is a level or a total that never falls: a reader
 * that looks rarely compares with what it saw before and misses nothing (ADR-0032).
 */
export interface LifecycleSnapshot {
  readonly phase: Phase;
  /**
   * Connections established so far: 0 before the first. If it moved by k, the feed went down and
   * came back k times.
   */
  readonly epoch: number;
  /**
   * When the present outage began ({@link Timer.now} milliseconds); `undefined` while up. Set from
   * the start: never up is down.
   */
  readonly downSince: number | undefined;
  /** Attempts started so far. */
  readonly attempts: number;
  /** Times the feed went stale so far. */
  readonly staleCount: number;
  /**
   * Milliseconds spent down in outages that are over, the wait for the first connection included.
   */
  readonly totalDownMs: number;
  /**
   * Data frames dropped by the receive buffer so far. If it moved, assume the worst: resync books,
   * reconcile orders.
   */
  readonly totalLagged: number;
  /** Payload bytes of those frames. */
  readonly totalLaggedBytes: number;
  /**
   * `true` when `attempts.maxAttempts` failures in a row ended the connection; the phase is then
   * `closed`.
   */
  readonly exhausted: boolean;
  /**
   * Why the last attempt or connection failed; kept while up so that the last break can be
   * explained.
   */
  readonly cause: WsError | undefined;
}

/** Options of {@link Lifecycle.changed}. */
export interface ChangedOptions {
  /** Ends the wait; it then rejects with the signal's reason. */
  readonly signal?: CancelSignal | undefined;
  /**
   * Wait for a snapshot other than this one. Default: the current one. Pass the last one you
   * handled to miss nothing.
   */
  readonly since?: LifecycleSnapshot | undefined;
}

/**
 * The lifecycle channel: a last value that anyone may watch, out of band of the data, so that a
 * slow consumer still sees the break. Iterating yields the current snapshot and then the newest one
 * after each change, down to the terminal one.
 */
export interface Lifecycle extends AsyncIterable<LifecycleSnapshot> {
  /** Always current; reading it never waits. */
  readonly snapshot: LifecycleSnapshot;
  /**
   * Resolves `true` once the snapshot differs from `since`, `false` once it is terminal: read it
   * one last time and stop. Rejects only with the signal's reason.
   */
  changed(options?: ChangedOptions): Promise<boolean>;
  /**
   * Calls `listener` after changes, several changes together, in a turn of its own: whatever a
   * listener does, it cannot delay the connection. What it throws goes to the tracer. Returns the
   * function that unsubscribes.
   */
  subscribe(listener: () => void): () => void;
  /**
   * When the last data frame arrived ({@link Timer.now} milliseconds); `undefined` before the
   * first.
   */
  readonly lastDataAt: number | undefined;
  /** When anything at all last arrived, control frames included; `undefined` before the first. */
  readonly lastInboundAt: number | undefined;
  /**
   * Whether the feed is up and brought data within the last `maxAgeMs` milliseconds. The question
   * to ask before sending an order; it looks at data only, since a peer that answers pings may
   * still be mute. `false` for a NaN or negative age.
   */
  isFresh(maxAgeMs: number): boolean;
}

/** Whether no further change will come. */
export function isTerminal(phase: Phase): phase is "unrecoverable" | "closed" {
  return phase === "unrecoverable" || phase === "closed";
}
