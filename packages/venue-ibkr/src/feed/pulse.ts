import type { Timer } from "@oath-ws/contract";
import { FreshnessWatchdog } from "@oath-ws/venue-kit";
import type { TopicPhase, Watched } from "@oath-ws/venue-kit";

/** When a connection's silence counts. */
export interface PulseOptions {
  /**
   * Milliseconds from one `tic` to the next. Default 55 000: the venue wants one a minute (I-12).
   */
  readonly ticEveryMs?: number | undefined;
  /**
   * Without heartbeat for so long every topic is `stale`, in milliseconds. Default 21 000: two were
   * missed (I-21).
   */
  readonly staleAfterMs?: number | undefined;
  /**
   * Without heartbeat for so long the connection is made anew, in milliseconds. Default 31 000:
   * three were missed.
   */
  readonly deadAfterMs?: number | undefined;
  /**
   * A connection that never had a heartbeat is made anew when nothing at all was said on it for so
   * long, in milliseconds. Default 120 000: two `tic`s were not answered.
   */
  readonly idleAfterMs?: number | undefined;
}

/** What a {@link Pulse} needs. */
export interface PulseParts {
  readonly timer: Timer;
  readonly options: { readonly [K in keyof PulseOptions]-?: number };
  readonly say: (text: string) => void;
  readonly stale: () => void;
  readonly revived: () => void;
  readonly dead: (reason: string) => void;
}

export const PULSE: PulseParts["options"] = {
  ticEveryMs: 55_000,
  staleAfterMs: 21_000,
  deadAfterMs: 31_000,
  idleAfterMs: 120_000,
};

/** One kind of evidence that a connection lives. */
class Evidence implements Watched {
  phase: TopicPhase = "closed";
  heardAt = 0;
  readonly staleAfterMs: number;
  readonly escalateAfterMs: number;
  readonly #onStale: () => void;
  readonly #onDead: () => void;

  constructor(staleAfterMs: number, deadAfterMs: number, onStale: () => void, onDead: () => void) {
    this.staleAfterMs = staleAfterMs;
    this.escalateAfterMs = deadAfterMs;
    this.#onStale = onStale;
    this.#onDead = onDead;
  }

  stale(): void {
    this.phase = "stale";
    this.#onStale();
  }

  escalate(): void {
    this.phase = "closed";
    this.#onDead();
  }
}

/**
 * Keeps the WebSocket side of a connection awake with `tic`, and judges whether the venue still
 * speaks on it: pongs come from a connection that is mute as well. Once there was a heartbeat,
 * heartbeats are missed; until then anything counts.
 */
export class Pulse {
  readonly #parts: PulseParts;
  readonly #watchdog: FreshnessWatchdog<Evidence>;
  readonly #beats: Evidence;
  readonly #frames: Evidence;
  #cancelTic: () => void = () => undefined;

  constructor(parts: PulseParts) {
    const { timer, options, stale, dead } = parts;
    this.#parts = parts;
    this.#watchdog = new FreshnessWatchdog(timer);
    this.#beats = new Evidence(options.staleAfterMs, options.deadAfterMs, stale, () =>
      dead("heartbeats are missing"),
    );
    this.#frames = new Evidence(
      options.idleAfterMs,
      options.idleAfterMs,
      () => undefined,
      () => dead("nothing is said on the connection"),
    );
  }

  /** A connection is up. */
  begin(): void {
    this.end();
    this.#heard(this.#frames, this.#parts.timer.now());
    this.#tic();
  }

  /** A frame came. */
  frame(receivedAt: number): void {
    this.#frames.heardAt = receivedAt;
  }

  /** A heartbeat came. Only its arrival counts: its own time is of another clock (I-22). */
  beat(receivedAt: number): void {
    const wasStale = this.#beats.phase === "stale";
    // Where there are heartbeats, other frames prove nothing more.
    this.#watchdog.remove(this.#frames);
    this.#heard(this.#beats, receivedAt);
    if (wasStale) this.#parts.revived();
  }

  /** The connection is down: nothing is said, and no timer runs. */
  end(): void {
    this.#cancelTic();
    this.#watchdog.remove(this.#beats);
    this.#watchdog.remove(this.#frames);
    this.#beats.phase = "closed";
    this.#frames.phase = "closed";
  }

  #heard(evidence: Evidence, at: number): void {
    evidence.heardAt = at;
    if (evidence.phase === "live") return;
    evidence.phase = "live";
    this.#watchdog.add(evidence);
  }

  #tic(): void {
    const { timer, options, say } = this.#parts;
    this.#cancelTic = timer.schedule(options.ticEveryMs, () => {
      say("tic");
      this.#tic();
    });
  }
}
