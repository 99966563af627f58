import type { Timer } from "@oath-ws/contract";
import type { TopicPhase } from "../topic/topic-state.js";
import { FreshnessWatchdog } from "./freshness-watchdog.js";
import type { Watched } from "./freshness-watchdog.js";
import { MutePatience } from "./mute-patience.js";
import type { PatienceShape } from "./mute-patience.js";

/** What a {@link RhythmWatch} needs. */
export interface RhythmWatchOptions {
  /** Its time counts: with an `elapsedTimer` the time in which the machine sleeps does too. */
  readonly timer: Timer;
  /** What is to come, for messages: `heartbeat`. */
  readonly beat: string;
  /** Without a beat for so long nothing on the connection is fresh, in milliseconds. */
  readonly staleAfterMs: number;
  readonly onStale: () => void;
  /** Without a beat for so long the connection is mute. Default: never. */
  readonly patience?: PatienceShape | undefined;
  /** The connection is mute, for this reason: make it again. Default: nothing is done. */
  readonly onMute?: ((reason: string) => void) | undefined;
}

/**
 * Watches for something that a venue says regularly on a connection: pings are answered by a
 * connection that is mute as well.
 */
export class RhythmWatch implements Watched {
  readonly #options: RhythmWatchOptions;
  readonly #watchdog: FreshnessWatchdog<RhythmWatch>;
  readonly #patience: MutePatience | undefined;
  #phase: TopicPhase = "closed";
  #heardAt = 0;

  constructor(options: RhythmWatchOptions) {
    const { timer, patience } = options;
    this.#options = options;
    this.#watchdog = new FreshnessWatchdog(timer);
    this.#patience = patience === undefined ? undefined : new MutePatience(patience);
  }

  /** `closed` while beats are not expected; `live` and `stale` otherwise. */
  get phase(): TopicPhase {
    return this.#phase;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  get staleAfterMs(): number {
    return this.#options.staleAfterMs;
  }

  /** The silence after which the present connection is mute, in milliseconds. */
  get escalateAfterMs(): number | undefined {
    const { patience } = this.#options;
    return patience === undefined ? undefined : this.#patience?.ms(patience.afterMs);
  }

  /** Beats are expected from now on. Ends what was watched before. */
  begin(): void {
    this.end();
    this.#enter("live", this.#options.timer.now());
    this.#watchdog.add(this);
  }

  /**
   * A beat arrived at this time of the timer. Ignored before {@link begin}.
   *
   * @returns whether beats were missing
   */
  beat(at: number): boolean {
    if (this.#phase === "closed") return false;
    const wasStale = this.#phase === "stale";
    this.#patience?.heard(at);
    this.#enter("live", at);
    if (wasStale) this.#watchdog.consider(this);
    return wasStale;
  }

  /** The connection is down, or beats are not expected any more. No timer runs. */
  end(): void {
    this.#phase = "closed";
    this.#watchdog.remove(this);
    this.#patience?.ended();
  }

  /** The connection is mute, for this reason: the next one is given more time. */
  mute(reason: string): void {
    this.end();
    this.#patience?.remade();
    this.#options.onMute?.(reason);
  }

  stale(): void {
    this.#phase = "stale";
    this.#options.onStale();
  }

  escalate(silentMs: number): void {
    this.mute(`no ${this.#options.beat} for ${Math.round(silentMs)} ms`);
  }

  #enter(phase: TopicPhase, heardAt: number): void {
    this.#phase = phase;
    this.#heardAt = heardAt;
  }
}
