import type { CancelSignal } from "./cancel-signal.js";
import type { WsError } from "./errors.js";
import type { ConnectionIdentity } from "./identity.js";

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
 * What a connection without a working socket, or one that was asked to reconnect, waits for before
 * its next attempt.
 *
 * - `gate`: the attempt gate has no free slot yet
 * - `retryAfter`: a server, a proxy or a token service asked us to stay away
 * - `backoff`: the pause after a failure
 * - `network`: the platform says that it is offline. Nothing is dialled until it is online, but for
 *   one attempt a minute, because platforms are wrong about it
 */
export type WaitReason = "gate" | "retryAfter" | "backoff" | "network";

/** A time without data that is over. Times are {@link Timer.now} milliseconds. */
export interface BlindSpan {
  /** When the last data before the silence or the outage arrived. */
  readonly from: number;
  /** When the first data after it arrived. */
  readonly to: number;
  /** The epoch of that first data. */
  readonly epoch: number;
}

/**
 * The state of a connection at one instant. Immutable, and replaced whenever a field changes, so
 * `===` tells whether anything did. Every field is a level or a total that never falls: a reader
 * that looks rarely compares with what it saw before and misses nothing (ADR-0032).
 */
export interface LifecycleSnapshot {
  /** Whose state this is; the same object in all snapshots of a connection. */
  readonly connection: ConnectionIdentity;
  /**
   * Scheme, host and port of the server of the connection that is up, or of the last attempt: never
   * its path or query, which may hold keys. Before the first attempt that of the first URL, empty
   * for an `EndpointSource`.
   */
  readonly endpoint: string;
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
   * Since when the reader has been behind: the arrival ({@link Timer.now} milliseconds) of the
   * frame that waited for longer than `buffer.staleReaderMs`. `undefined` while the reader keeps
   * up, and again once nothing waits that is older than half of that. A time and not an age, so
   * that it does not change with every millisecond.
   */
  readonly readerBehindSince: number | undefined;
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
  /**
   * What the next attempt waits for; `undefined` while nothing is waited for. With a socket that
   * still works, `gate` or `retryAfter` means that a reconnect was asked for and waits for its
   * slot.
   */
  readonly waitingFor: WaitReason | undefined;
  /**
   * Until when ({@link Timer.now} milliseconds), as far as is known now: the gate may move it both
   * ways. `undefined` while nothing is waited for, or while a shared gate has not answered yet.
   */
  readonly waitingUntil: number | undefined;
  /**
   * When the first of the present refusals in a row came ({@link Timer.now} milliseconds);
   * `undefined` while up and without a refusal. Raise an alarm on this field: the phase becomes
   * `unrecoverable` much later.
   */
  readonly refusedSince: number | undefined;
  /**
   * The first refusal at or after this time ends the connection ({@link Timer.now} milliseconds);
   * `undefined` where no time decides: before the first connection, for permanent close codes, and
   * with `attempts.permanentForMs: false`.
   */
  readonly givesUpAt: number | undefined;
  /**
   * When the last data arrived before the present silence or outage ({@link Timer.now}
   * milliseconds); when the connection was opened, if it never brought any. Set when the phase
   * leaves `connected` or `resumed`, cleared by the next data. Earlier than {@link downSince}: what
   * happened in between was missed too.
   */
  readonly blindSince: number | undefined;
  /**
   * The last such time that is over, for a reader that looks late; `undefined` before the first.
   */
  readonly lastBlind: BlindSpan | undefined;
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
  /** Exact at the moment when it is read; reading it never waits. */
  readonly snapshot: LifecycleSnapshot;
  /**
   * Resolves `true` once the snapshot differs from `since`, `false` once it is terminal: read it
   * one last time and stop. Rejects only with the signal's reason. Where only `totalLagged`,
   * `totalLaggedBytes` and `readerBehindSince` move, it resolves at once for the first change, then
   * at most once per 100 ms, the last time with the final values, and so do {@link subscribe}
   * calls; {@link snapshot} is exact at any time.
   */
  changed(options?: ChangedOptions): Promise<boolean>;
  /**
   * Calls `listener` after changes, several changes together, in a turn of its own: whatever a
   * listener does, it cannot delay the connection. What it throws, or rejects with, goes to the
   * tracer as a `fault`. It runs in the async context in which it was subscribed
   * (`AsyncLocalStorage`). Returns the function that unsubscribes.
   */
  subscribe(listener: () => void): () => void;
  /**
   * When the last data frame arrived ({@link Timer.now} milliseconds), read by anyone or not;
   * `undefined` before the first.
   */
  readonly lastDataAt: number | undefined;
  /** When anything at all last arrived, control frames included; `undefined` before the first. */
  readonly lastInboundAt: number | undefined;
  /**
   * Whether what the reader knows is at most `maxAgeMs` milliseconds old: the question to ask
   * before sending an order. True if the phase is `connected` or `resumed`, the data frame that the
   * reader took last is of this epoch, and it came from the socket at most `maxAgeMs` ago, sleep of
   * the machine included. Of a batch the oldest frame counts until the reader comes back. Nothing
   * older can wait then, because frames are handed out in the order of their arrival. What waits
   * for a return to the first endpoint is of the next epoch, and not spoken of.
   *
   * False before the first read: code that only watches the lifecycle looks at {@link lastDataAt},
   * which says what arrived. False for a NaN or negative age. Limit: bytes that waited in the
   * kernel while this process was blocked get their time when they are read; a `stall` event of the
   * tracer says for how long that was.
   */
  isFresh(maxAgeMs: number): boolean;
}

/** Whether no further change will come. */
export function isTerminal(phase: Phase): phase is "unrecoverable" | "closed" {
  return phase === "unrecoverable" || phase === "closed";
}
