import type { Timer } from "@oath-ws/contract";
import { RhythmWatch } from "./rhythm-watch.js";

/**
 * Something that the venue says regularly on every connection, told by {@link Inbox.beat}. Pings
 * are answered by a connection that is mute as well; beats are not. All times in milliseconds.
 */
export interface HeartbeatOptions {
  /** Without a beat for so long every topic of the connection is `stale`. */
  readonly staleAfterMs: number;
  /** Without a beat for so long the connection is replaced; more than `staleAfterMs`. */
  readonly deadAfterMs: number;
  /**
   * `deadAfterMs` doubles with each connection that was replaced, up to this: the venue may be
   * mute for all. Default 600 000.
   */
  readonly maxDeadAfterMs?: number | undefined;
  /** After so long with beats `deadAfterMs` counts again. Default 60 000. */
  readonly calmMs?: number | undefined;
  /**
   * From when on beats are expected: `greeted`: from when the venue hears commands, `ready`: from
   * when the login succeeded. Default `ready`.
   */
  readonly expectedFrom?: "greeted" | "ready" | undefined;
  /**
   * For venues that may have no beat: as long as none was ever heard on this link, any frame is a
   * sign of life, and the connection is replaced after so long without one. Default: beats are
   * expected from the beginning.
   */
  readonly idleAfterMs?: number | undefined;
  /**
   * What is said when no beat came for `afterMs`, so that one can come: what the venue answers at
   * once. Default: nothing.
   */
  readonly ask?: { readonly afterMs: number; readonly message: string } | undefined;
}

/** What is told of a connection's beats. */
export interface HeartbeatOwner {
  /** Beats are missing. */
  silent(): void;
  /** They came again. */
  heard(): void;
  /** The connection is mute, for this reason. */
  mute(reason: string): void;
  say(message: string): void;
}

const MAX_DEAD_MS = 600_000;
const CALM_MS = 60_000;

/** Watches the beats of one link, over all its connections. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #owner: HeartbeatOwner;
  readonly #beats: RhythmWatch;
  /** Any frame, while no beat was ever heard. */
  readonly #frames: RhythmWatch | undefined;
  /** When to ask for a beat. */
  readonly #unasked: RhythmWatch | undefined;
  #isKnown: boolean;
  #isMissing = false;

  /** @param timer also counts the time in which the machine sleeps */
  constructor(options: HeartbeatOptions, timer: Timer, owner: HeartbeatOwner) {
    const { staleAfterMs, deadAfterMs, idleAfterMs, ask } = options;
    const { maxDeadAfterMs: maxAfterMs = MAX_DEAD_MS, calmMs = CALM_MS } = options;
    this.#options = options;
    this.#owner = owner;
    this.#isKnown = idleAfterMs === undefined;
    const onMute = (reason: string): void => owner.mute(reason);
    this.#beats = new RhythmWatch({
      timer,
      beat: "heartbeat",
      staleAfterMs,
      onStale: () => {
        this.#isMissing = true;
        owner.silent();
      },
      patience: { afterMs: deadAfterMs, maxAfterMs, calmMs },
      onMute,
    });
    if (idleAfterMs !== undefined) {
      this.#frames = new RhythmWatch({
        timer,
        beat: "frame",
        staleAfterMs: idleAfterMs,
        onStale: () => undefined,
        // Only a beat shows that the next connection is not mute as well.
        patience: { afterMs: idleAfterMs, maxAfterMs, calmMs: Number.POSITIVE_INFINITY },
        onMute,
      });
    }
    if (ask !== undefined) {
      this.#unasked = new RhythmWatch({
        timer,
        beat: "heartbeat",
        staleAfterMs: ask.afterMs,
        onStale: () => owner.say(ask.message),
      });
    }
  }

  /** Whether beats are missing on the connection, or were when it was given up. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** The connection has reached this stage. */
  reached(stage: "greeted" | "ready"): void {
    // Once for each connection: a login that is repeated is no beat.
    if (stage !== (this.#options.expectedFrom ?? "ready") || this.#beats.phase !== "closed") return;
    // The connection was given up, and waits for its end.
    if (this.#isMissing) return;
    this.#unasked?.begin();
    if (this.#isKnown) this.#beats.begin();
    else this.#frames?.begin();
  }

  /** A frame of the connection that stands arrived at this time. */
  frame(at: number): void {
    if (!this.#isKnown) this.#frames?.beat(at);
  }

  /** A beat of the connection that stands arrived at this time. */
  beat(at: number): void {
    if (!this.#isKnown) {
      this.#isKnown = true;
      this.#frames?.end();
      this.#beats.begin();
    }
    this.#unasked?.beat(at);
    if (!this.#beats.beat(at)) return;
    this.#isMissing = false;
    this.#owner.heard();
  }

  /** The connection ended, or is being closed. No timer runs. */
  end(): void {
    this.#isMissing = false;
    this.#beats.end();
    this.#frames?.end();
    this.#unasked?.end();
  }
}
