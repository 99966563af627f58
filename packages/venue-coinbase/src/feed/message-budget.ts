import { ConfigError } from "@oath-ws/contract";
import { numberIssues } from "@oath-ws/venue-kit";

/** How many messages an address may send. */
export interface MessageLimit {
  /**
   * Messages in any window. Default 6: the venue allows 8 a second (C-14), and what is spaced out
   * here bunches up on the way.
   */
  readonly max?: number | undefined;
  /** Milliseconds. Default 1 200. */
  readonly windowMs?: number | undefined;
}

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;

/**
 * The messages of one IP address, over all its connections: the venue counts them together (C-14).
 * Give the same one to everything that talks to the venue from this process. Pure bookkeeping: ask
 * {@link waitMs} before a message is sent, and say with {@link spend} that it was. All times are those of `waitClock(timer).read()`.
 */
export class MessageBudget {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #sent: number[] = [];
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #refusals = 0;

  /** @throws ConfigError for a limit that cannot work */
  constructor(limit: MessageLimit = {}) {
    const issues = numberIssues(
      { ...limit },
      { max: { min: 1, whole: true }, windowMs: { min: 1 } },
    );
    if (issues.length > 0) throw new ConfigError(issues);
    this.#max = limit.max ?? 6;
    this.#windowMs = limit.windowMs ?? 1_200;
  }

  /** Milliseconds until one more message may be sent; 0 for now. */
  waitMs(now: number): number {
    const oldest = this.#sent.length < this.#max ? undefined : this.#sent[0];
    const room = oldest === undefined ? 0 : oldest + this.#windowMs - now;
    return Math.max(0, room, this.#blockedUntil - now);
  }

  /** A message is sent. */
  spend(now: number): void {
    this.#sent.push(now);
    if (this.#sent.length > this.#max) this.#sent.shift();
  }

  /** The venue says that it was too much: nobody sends for a while, longer each time in a row. */
  refused(now: number): void {
    // Several connections may hear of the same excess.
    if (now < this.#blockedUntil) return;
    const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(this.#refusals, 10));
    this.#refusals++;
    this.#blockedUntil = now + delayMs;
  }

  /** The venue has carried something out: the next refusal starts small again. */
  accepted(): void {
    this.#refusals = 0;
  }
}
