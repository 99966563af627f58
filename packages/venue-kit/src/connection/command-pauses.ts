import type { Random, Timer } from "@oath-ws/contract";
import { waitTimer } from "../options/elapsed-timer.js";
import { RETRY_PAUSE, RetryPause } from "./retry-pause.js";
import type { PauseShape } from "./retry-pause.js";

/** What {@link CommandPauses} need. */
export interface CommandPausesOptions {
  readonly timer: Timer;
  readonly random: Random;
  /** How the pauses of topics grow. Default: from 1 s to 60 s. */
  readonly shape?: PauseShape | undefined;
  /** A pause is over. */
  readonly onOver: () => void;
}

/**
 * Milliseconds from one look at all pauses to the next. Each topic has a pause of its own length,
 * so thousands of them end at as many different times.
 */
const LOOK_EVERY_MS = 100;

/**
 * What a venue refused for now, on one connection: topics that must wait before they are asked for
 * again, and the connection as a whole when commands came too fast. Pauses outlast the epochs of
 * the connection: a new epoch is no reason to ask again before the time that the venue stated.
 */
export class CommandPauses {
  readonly #options: CommandPausesOptions;
  readonly #timer: Timer;
  readonly #connection: RetryPause;
  readonly #topics = new Map<string, RetryPause>();
  /** Whether a timer may run. */
  #isArmed = true;
  #cancelTimer: (() => void) | undefined;
  /** When the timer rings. */
  #wakesAt = 0;

  constructor(options: CommandPausesOptions) {
    this.#options = options;
    this.#timer = waitTimer(options.timer);
    this.#connection = new RetryPause(options.timer, options.random);
  }

  /** Whether nothing at all may be sent now. */
  get isTooFast(): boolean {
    return this.#connection.leftMs > 0;
  }

  /** Whether this topic may be asked for now. */
  admits(topic: string): boolean {
    const pause = this.#topics.get(topic);
    return pause === undefined || pause.leftMs === 0;
  }

  /** Whether the topic was refused before, and not confirmed since. */
  wasRefused(topic: string): boolean {
    return this.#topics.get(topic)?.isCalm === false;
  }

  /** These topics were refused for now. */
  refused(topics: readonly string[], statedMs: number | undefined): void {
    const { timer, random, shape = RETRY_PAUSE } = this.#options;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const topic of topics) {
      const pause = this.#topics.get(topic) ?? new RetryPause(timer, random, shape);
      this.#topics.set(topic, pause);
      soonestMs = Math.min(soonestMs, pause.fail(statedMs));
    }
    this.#wakeIn(soonestMs);
  }

  /** Commands come too fast. */
  tooFast(statedMs: number | undefined): void {
    this.#wakeIn(this.#connection.fail(statedMs));
  }

  /** The venue has carried out a command about these topics. */
  confirmed(topics: readonly string[]): void {
    // What was answered may have been sent before the venue said that it was too fast: a pause that
    // runs goes on.
    if (!this.isTooFast) this.#connection.reset();
    for (const topic of topics) this.#topics.delete(topic);
  }

  /** The timer runs from now on, as soon as anything waits. */
  arm(): void {
    this.#isArmed = true;
    this.#arm(1);
  }

  /**
   * No timer runs, until {@link arm}: refusals that are read after the end of a connection are
   * noted, and nothing more.
   */
  stop(): void {
    this.#isArmed = false;
    this.#cancel();
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(leastMs: number): void {
    this.#cancel();
    let soonestMs =
      this.#connection.leftMs > 0 ? this.#connection.leftMs : Number.POSITIVE_INFINITY;
    for (const [topic, pause] of this.#topics) {
      const { leftMs } = pause;
      if (leftMs > 0) soonestMs = Math.min(soonestMs, leftMs);
      else if (pause.isCalm) this.#topics.delete(topic);
    }
    this.#wakeIn(Math.max(leastMs, soonestMs));
  }

  /** The timer rings then, or before. */
  #wakeIn(ms: number): void {
    if (!this.#isArmed || ms === Number.POSITIVE_INFINITY) return;
    const { onOver } = this.#options;
    // Not for less than a millisecond, which a platform's timer may round to nothing.
    const delayMs = Math.max(1, ms);
    const at = this.#timer.now() + delayMs;
    if (this.#cancelTimer !== undefined && this.#wakesAt <= at) return;
    this.#cancel();
    this.#wakesAt = at;
    this.#cancelTimer = this.#timer.schedule(delayMs, () => {
      this.#arm(LOOK_EVERY_MS);
      onOver();
    });
  }
}
