import type { Timer } from "@oath-ws/contract";

/** What a {@link HeartbeatWatch} works with. Times in milliseconds. */
export interface HeartbeatWatchOptions {
  readonly timer: Timer;
  /** Silence after which nothing on the connection is fresh. */
  readonly staleAfterMs: number;
  /** Silence after which the connection is made anew, the first time. */
  readonly deadAfterMs: number;
  readonly onStale: () => void;
  readonly onDead: (reason: string) => void;
}

/** A machine that slept is noticed after so much time awake. */
const TICK_MS = 1_000;
/** The longest silence that is waited out when one connection after the other is mute. */
const LIMIT_MAX_MS = 300_000;
/** After so much time with beats the venue does not count as mute any more. */
const CALM_MS = 60_000;

/**
 * Notices a connection that is mute: it answers pings, and its heartbeats stay away. The connection
 * is made anew; while the next ones are mute as well, each is given twice as long, up to 5 minutes.
 *
 * Time counts by both clocks: the monotonic one stands still while the machine sleeps, the other
 * one may be set. So a silence is over-estimated at worst, which makes topics `stale` for a moment.
 */
export class HeartbeatWatch {
  readonly #options: HeartbeatWatchOptions;
  #cancel: () => void = () => undefined;
  #epoch: number | undefined;
  #heardAt = 0;
  #heardWallAt = 0;
  #beatingSince: number | undefined;
  #isStale = false;
  /** Whether one look has found it dead: what the socket holds is read before the next one. */
  #isSuspect = false;
  #mutes = 0;

  constructor(options: HeartbeatWatchOptions) {
    this.#options = options;
  }

  /** The silence after which the present connection is made anew, in milliseconds. */
  get limitMs(): number {
    const { deadAfterMs } = this.#options;
    return Math.max(deadAfterMs, Math.min(LIMIT_MAX_MS, deadAfterMs * 2 ** this.#mutes));
  }

  /** The heartbeats are confirmed on this connection: from now on they ought to come. */
  begin(epoch: number): void {
    if (this.#epoch === epoch) return;
    this.#epoch = epoch;
    this.#beatingSince = undefined;
    this.#heard();
    this.#arm(0);
  }

  beat(): void {
    if (this.#epoch === undefined) return;
    const now = this.#options.timer.now();
    this.#beatingSince ??= now;
    if (now - this.#beatingSince >= CALM_MS) this.#mutes = 0;
    const wasStale = this.#isStale;
    this.#heard();
    if (wasStale) this.#arm(0);
  }

  /** The connection is gone, or the heartbeats on it are not confirmed any more. */
  end(): void {
    this.#cancel();
    this.#epoch = undefined;
  }

  /** The connection is mute, for this reason: it is made anew, and the next one gets longer. */
  mute(reason: string): void {
    this.end();
    this.#mutes++;
    this.#options.onDead(reason);
  }

  #heard(): void {
    const { timer } = this.#options;
    this.#heardAt = timer.now();
    this.#heardWallAt = timer.wallNow();
    this.#isStale = false;
    this.#isSuspect = false;
  }

  #arm(silentMs: number): void {
    const { timer, staleAfterMs } = this.#options;
    const left = (this.#isStale ? this.limitMs : staleAfterMs) - silentMs;
    this.#cancel();
    this.#cancel = timer.schedule(Math.max(0, Math.min(TICK_MS, left)), () => this.#look());
  }

  #look(): void {
    const { timer, staleAfterMs, onStale } = this.#options;
    const silentMs = Math.max(
      timer.now() - this.#heardAt,
      // A clock that was set back says nothing.
      timer.wallNow() - this.#heardWallAt,
    );
    if (silentMs >= staleAfterMs && !this.#isStale) {
      this.#isStale = true;
      onStale();
    }
    if (silentMs >= this.limitMs) {
      if (this.#isSuspect) {
        this.mute(`no heartbeat for ${Math.round(silentMs)} ms`);
        return;
      }
      this.#isSuspect = true;
    }
    this.#arm(silentMs);
  }
}
