import type { Random, Timer } from "@oath-ws/contract";
import { RetryPause } from "./retry-pause.js";

/** What {@link CommandPauses} need. */
export interface CommandPausesOptions {
  readonly timer: Timer;
  readonly random: Random;
  /** A pause is over. */
  readonly onOver: () => void;
}

/**
 * What a venue refused for now, on one connection: topics that must wait before they are asked for
 * again, and the connection as a whole when commands came too fast. Pauses outlast the epochs of
 * the connection: a new epoch is no reason to ask again before the time that the venue stated.
 */
export class CommandPauses {
  readonly #options: CommandPausesOptions;
  readonly #connection: RetryPause;
  readonly #topics = new Map<string, RetryPause>();
  #cancelTimer: () => void = () => undefined;

  constructor(options: CommandPausesOptions) {
    this.#options = options;
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
    for (const [topic, pause] of this.#topics) if (pause.isCalm) this.#topics.delete(topic);
    for (const topic of topics) {
      const pause =
        this.#topics.get(topic) ?? new RetryPause(this.#options.timer, this.#options.random);
      this.#topics.set(topic, pause);
      pause.fail(statedMs);
    }
    this.arm();
  }

  /** Commands come too fast. */
  tooFast(statedMs: number | undefined): void {
    this.#connection.fail(statedMs);
    this.arm();
  }

  /** The venue has carried out a command about these topics. */
  confirmed(topics: readonly string[]): void {
    // What was answered may have been sent before the venue said that it was too fast: a pause that
    // runs goes on.
    if (!this.isTooFast) this.#connection.reset();
    for (const topic of topics) this.#topics.delete(topic);
  }

  /** The timer runs from now on, if anything waits. */
  arm(): void {
    this.stop();
    const left = [this.#connection, ...this.#topics.values()]
      .map(({ leftMs }) => leftMs)
      .filter((ms) => ms > 0);
    if (left.length === 0) return;
    // Not for less than a millisecond, which a platform's timer may round to nothing.
    this.#cancelTimer = this.#options.timer.schedule(Math.max(1, Math.min(...left)), () => {
      this.arm();
      this.#options.onOver();
    });
  }

  /** No timer runs, until {@link arm}. */
  stop(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => undefined;
  }
}
