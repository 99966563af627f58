/**
 * Liveness of one connection at a time (ADR-0033): how long has the peer been silent, and what
 * follows from it.
 *
 * Silence is counted from the last inbound byte. It crosses three marks in turn: at `probeAfterMs`
 * a ping should go out, at `staleAfterMs` the feed is called stale, at `deadAfterMs` the socket is
 * given up. Two things keep a late timer from being taken for a silent peer:
 *
 * - Before `stale` or `dead` is pronounced the caller is asked for one more turn, in which it takes
 *   what the socket already holds (`confirm`). Only silence that outlives that turn is believed.
 * - When the timer was late by more than {@link STALL_MS}, or the wall clock ran ahead of the
 *   monotonic one (sleep), silence is counted again from the probe mark: a probe goes out at once
 *   and the peer gets the time to answer it. Once per silence: a process that is always late must
 *   still find out about a dead peer.
 *
 * The caller passes the time in, calls {@link inbound} once per socket read and {@link tick} when
 * {@link nextDeadline} is reached.
 */
export interface LivenessLimits {
  readonly probeAfterMs: number;
  readonly staleAfterMs: number;
  readonly deadAfterMs: number;
}

/**
 * How late a timer may be before our own process is under suspicion instead of the peer, in
 * milliseconds.
 */
export const STALL_MS = 500;

/**
 * What a tick found. The caller must: `none`: nothing; `confirm`: drain the socket in a new turn,
 * then tick again; `probe`: send a ping; `stalled`: report it and send a ping; `stale`: publish it;
 * `dead`: drop the socket.
 */
export type LivenessVerdict = "none" | "confirm" | "probe" | "stalled" | "stale" | "dead";

/** Sans-IO; one instance serves a connection's successive sockets. */
export class Liveness {
  readonly #limits: LivenessLimits;
  #silentSince = 0;
  #probed = false;
  #stale = false;
  #confirming = false;
  #tickedAt = 0;
  #tickedWall = 0;
  #slept = false;
  #forgiven = false;

  constructor(limits: LivenessLimits) {
    this.#limits = limits;
  }

  /** Silence after which the socket is given up, in milliseconds. */
  get deadAfterMs(): number {
    return this.#limits.deadAfterMs;
  }

  /** A socket was opened; the silence of the former one is forgotten. */
  open(now: number, wallNow: number): void {
    this.#tickedAt = now;
    this.#tickedWall = wallNow;
    this.inbound(now);
  }

  /** Something arrived. */
  inbound(now: number): void {
    this.#silentSince = now;
    this.#probed = false;
    this.#stale = false;
    this.#confirming = false;
    this.#forgiven = false;
  }

  /** A probe goes out before it is due. */
  probed(): void {
    this.#probed = true;
  }

  /** Since when nothing has arrived, or since when silence counts after a stall. */
  get silentSince(): number {
    return this.#silentSince;
  }

  /** Whether the last `stalled` verdict was a sleep of the machine. */
  get slept(): boolean {
    return this.#slept;
  }

  /** When to tick next. Moves later with every arrival: an earlier tick does no harm. */
  get nextDeadline(): number {
    if (this.#confirming) return this.#tickedAt;
    if (!this.#probed) return this.#silentSince + this.#limits.probeAfterMs;
    if (!this.#stale) return this.#silentSince + this.#limits.staleAfterMs;
    return this.#silentSince + this.#limits.deadAfterMs;
  }

  /**
   * Judges the silence.
   *
   * @param lateMs by how much the timer that led to this call was late; 0 when something else did
   */
  tick(now: number, wallNow: number, lateMs: number): LivenessVerdict {
    const drift = wallNow - this.#tickedWall - (now - this.#tickedAt);
    this.#tickedAt = now;
    this.#tickedWall = wallNow;
    if (!this.#forgiven && (lateMs > STALL_MS || drift > STALL_MS)) {
      this.#forgiven = true;
      this.#slept = drift > STALL_MS;
      this.#silentSince = Math.max(this.#silentSince, now - this.#limits.probeAfterMs);
      this.#probed = true;
      this.#confirming = false;
      return "stalled";
    }
    if (this.#confirming) {
      this.#confirming = false;
      return this.#pronounce();
    }
    if (now < this.nextDeadline) return "none";
    if (!this.#probed) {
      this.#probed = true;
      return "probe";
    }
    this.#confirming = true;
    return "confirm";
  }

  #pronounce(): LivenessVerdict {
    if (this.#stale) return "dead";
    this.#stale = true;
    return "stale";
  }
}
