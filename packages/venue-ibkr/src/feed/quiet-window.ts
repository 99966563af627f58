import type { Timer } from "@oath-ws/contract";

/**
 * How long a refusal may take without another rule, in milliseconds. An error about what was said
 * on a new connection comes within this time (I-4).
 */
export const REFUSED_WITHIN_MS = 2_000;

/** No refusal is waited for longer than this, in milliseconds. */
const LONGEST_MS = 20_000;

/**
 * When a topic that the venue does not answer counts as subscribed: when nothing was refused for
 * as long as a refusal may take. That is twice as long as the slowest one so far took, and at
 * least the time that is given.
 */
export class QuietWindow {
  readonly #timer: Timer;
  readonly #leastMs: number;
  readonly #askedAt = new Map<string, number>();
  #slowestMs = 0;

  constructor(timer: Timer, leastMs: number) {
    this.#timer = timer;
    this.#leastMs = leastMs;
  }

  /** How long to wait after a topic was asked for, in milliseconds. */
  get waitMs(): number {
    return Math.max(this.#leastMs, Math.min(LONGEST_MS, 2 * this.#slowestMs));
  }

  /** A topic is asked for. */
  asked(topic: string): void {
    this.#askedAt.set(topic, this.#timer.now());
  }

  /** The venue has refused it. */
  refused(topic: string): void {
    const askedAt = this.#askedAt.get(topic);
    if (askedAt === undefined) return;
    this.#askedAt.delete(topic);
    // Later than that it was no answer to the question.
    const tookMs = this.#timer.now() - askedAt;
    if (tookMs <= LONGEST_MS) this.#slowestMs = Math.max(this.#slowestMs, tookMs);
  }

  /** It is not waited for any more. */
  over(topic: string): void {
    this.#askedAt.delete(topic);
  }
}
