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
   * Without a heartbeat and without an answer to a `tic` for so long every topic is `stale`, in
   * milliseconds. Default 21 000: two heartbeats were missed (I-21).
   */
  readonly staleAfterMs?: number | undefined;
  /**
   * Without either for so long the connection is made anew, in milliseconds. Default 31 000: three
   * heartbeats were missed. It doubles, up to 10 minutes, while connections stay mute.
   */
  readonly deadAfterMs?: number | undefined;
  /**
   * Where neither was ever heard, the connection is made anew when nothing at all was said on it
   * for so long, in milliseconds. Default 120 000: two `tic`s were not answered.
   */
  readonly idleAfterMs?: number | undefined;
}

/** What a {@link Pulse} needs. */
export interface PulseParts {
  /** Its `now` is that of frames. */
  readonly timer: Timer;
  /** Goes on while the machine sleeps. */
  readonly elapsed: Timer;
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

/** A `tic` that is to show whether the venue speaks is said so long before that is judged. */
const ASK_BEFORE_MS = 2_000;

/** A connection that stays mute is kept for as long as this, in milliseconds. */
const LONGEST_MS = 600_000;

/** One kind of silence: after `staleAfterMs` something is done, after `escalateAfterMs` more. */
class Silence implements Watched {
  phase: TopicPhase = "closed";
  heardAt = 0;
  staleAfterMs: number;
  escalateAfterMs: number | undefined;
  readonly #onStale: () => void;
  readonly #onEscalated: () => void;

  constructor(staleAfterMs: number, onStale: () => void, onEscalated: () => void) {
    this.staleAfterMs = staleAfterMs;
    this.#onStale = onStale;
    this.#onEscalated = onEscalated;
  }

  stale(): void {
    this.phase = "stale";
    this.#onStale();
  }

  escalate(): void {
    this.phase = "closed";
    this.#onEscalated();
  }
}

/**
 * Keeps the WebSocket side of a connection awake with `tic`, and judges whether the venue still
 * speaks on it: pongs come from a connection that is mute as well.
 *
 * How it works: the venue has two rhythms, a heartbeat every 10 s and an answer to each `tic`.
 * Either is a sign of life. When heartbeats are missing, `tic` is said between the regular ones, so
 * that a connection without any sign has lost both. Other frames are no sign: a symbol may be quiet
 * for hours. Where no rhythm was ever heard, any frame counts, and silence is judged much later.
 */
export class Pulse {
  readonly #parts: PulseParts;
  readonly #watchdog: FreshnessWatchdog<Silence>;
  readonly #unasked: Silence;
  readonly #signs: Silence;
  readonly #frames: Silence;
  /** A sign was heard, on this connection or an earlier one. */
  #hasRhythm = false;
  /** Connections in a row that were mute. */
  #mute = 0;
  #cancelTic: () => void = () => undefined;

  constructor(parts: PulseParts) {
    const { timer, options, stale } = parts;
    this.#parts = parts;
    this.#watchdog = new FreshnessWatchdog(timer);
    const askAfterMs = options.staleAfterMs - Math.min(ASK_BEFORE_MS, options.staleAfterMs / 2);
    const ignore = (): void => undefined;
    this.#unasked = new Silence(askAfterMs, () => this.#tic(), ignore);
    this.#signs = new Silence(options.staleAfterMs, stale, () =>
      this.#dead("neither heartbeats nor answers to tic come"),
    );
    this.#frames = new Silence(options.idleAfterMs, ignore, () =>
      this.#dead("nothing is said on the connection"),
    );
  }

  /** A connection is up. */
  begin(): void {
    this.end();
    const { timer, options } = this.#parts;
    this.#signs.escalateAfterMs = this.#patience(options.deadAfterMs);
    this.#frames.escalateAfterMs = this.#patience(options.idleAfterMs);
    this.#heard(this.#unasked, timer.now());
    this.#heard(this.#hasRhythm ? this.#signs : this.#frames, timer.now());
    this.#regularly();
  }

  /** A frame came. */
  frame(receivedAt: number): void {
    this.#frames.heardAt = receivedAt;
  }

  /**
   * A heartbeat came, or an answer to a `tic`. Only its arrival counts: its own time is of another
   * clock (I-22).
   */
  sign(receivedAt: number): void {
    const wasStale = this.#signs.phase === "stale";
    this.#hasRhythm = true;
    this.#mute = 0;
    this.#signs.escalateAfterMs = this.#parts.options.deadAfterMs;
    this.#watchdog.remove(this.#frames);
    this.#heard(this.#unasked, receivedAt);
    this.#heard(this.#signs, receivedAt);
    if (wasStale) this.#parts.revived();
  }

  /** The connection is down: nothing is said, and no timer runs. */
  end(): void {
    this.#cancelTic();
    for (const silence of [this.#unasked, this.#signs, this.#frames]) {
      this.#watchdog.remove(silence);
      silence.phase = "closed";
    }
  }

  #heard(silence: Silence, at: number): void {
    silence.heardAt = at;
    if (silence.phase === "live") return;
    silence.phase = "live";
    this.#watchdog.add(silence);
  }

  #patience(ms: number): number {
    return Math.min(Math.max(ms, LONGEST_MS), ms * 2 ** Math.min(this.#mute, 10));
  }

  #dead(reason: string): void {
    this.#mute++;
    this.#parts.dead(reason);
  }

  #tic(): void {
    this.#parts.say("tic");
  }

  #regularly(): void {
    const { elapsed, options } = this.#parts;
    this.#cancelTic = elapsed.schedule(options.ticEveryMs, () => {
      this.#tic();
      this.#regularly();
    });
  }
}
