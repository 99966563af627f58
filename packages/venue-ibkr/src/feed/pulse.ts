import type { Timer } from "@oath-ws/contract";
import { RhythmWatch } from "@oath-ws/venue-kit";

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
  readonly #unasked: RhythmWatch;
  readonly #signs: RhythmWatch;
  readonly #frames: RhythmWatch;
  /** A sign was heard, on this connection or an earlier one. */
  #hasRhythm = false;
  #cancelTic: () => void = () => undefined;

  constructor(parts: PulseParts) {
    const { timer, options, stale, dead } = parts;
    this.#parts = parts;
    const beat = "heartbeat or answer to tic";
    this.#unasked = new RhythmWatch({
      timer,
      beat,
      staleAfterMs: options.staleAfterMs - Math.min(ASK_BEFORE_MS, options.staleAfterMs / 2),
      onStale: () => this.#tic(),
    });
    this.#signs = new RhythmWatch({
      timer,
      beat,
      staleAfterMs: options.staleAfterMs,
      onStale: stale,
      patience: { afterMs: options.deadAfterMs, maxAfterMs: LONGEST_MS, calmMs: 0 },
      onMute: dead,
    });
    this.#frames = new RhythmWatch({
      timer,
      beat: "frame",
      staleAfterMs: options.idleAfterMs,
      onStale: () => undefined,
      // Only a sign shows that the next connection is not mute as well.
      patience: {
        afterMs: options.idleAfterMs,
        maxAfterMs: LONGEST_MS,
        calmMs: Number.POSITIVE_INFINITY,
      },
      onMute: dead,
    });
  }

  /** A connection is up. */
  begin(): void {
    this.end();
    this.#unasked.begin();
    if (this.#hasRhythm) this.#signs.begin();
    else this.#frames.begin();
    this.#regularly();
  }

  /** A frame came. */
  frame(receivedAt: number): void {
    this.#frames.beat(receivedAt);
  }

  /**
   * A heartbeat came, or an answer to a `tic`. Only its arrival counts: its own time is of another
   * clock (I-22).
   */
  sign(receivedAt: number): void {
    if (!this.#hasRhythm) this.#signs.begin();
    this.#hasRhythm = true;
    this.#frames.end();
    this.#unasked.beat(receivedAt);
    if (this.#signs.beat(receivedAt)) this.#parts.revived();
  }

  /** The connection is down: nothing is said, and no timer runs. */
  end(): void {
    this.#cancelTic();
    for (const watch of [this.#unasked, this.#signs, this.#frames]) watch.end();
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
