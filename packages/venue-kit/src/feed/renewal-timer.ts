import type { Random, Timer } from "@oath-ws/contract";
import { scheduleDeadline } from "@oath-ws/resilience";
import { RetryPause } from "../connection/retry-pause.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { RenewalOptions } from "./renewal-options.js";

/** How much longer than the first one the pause after a failed renewal becomes. */
const LONGEST_RETRY = 16;

/** The one timer of a shard's renewals, and the pauses after those that failed. */
export class RenewalTimer {
  readonly #timer: Timer;
  readonly #pause: RetryPause | undefined;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(timer: Timer, random: Random, renewal: RenewalOptions | undefined) {
    this.#timer = elapsedTimer(timer);
    if (renewal === undefined) return;
    // A failure that took its time to show is no reason to begin small again.
    const maxMs = Math.max(LONGEST_RETRY * renewal.retryMs, 2 * renewal.timeoutMs);
    this.#pause = new RetryPause(timer, random, { minMs: renewal.retryMs, maxMs });
  }

  /** Whether a renewal failed so short a time ago that the next one has to wait. */
  get isPausing(): boolean {
    return this.#pause !== undefined && this.#pause.leftMs > 0;
  }

  /**
   * Calls `then` after so many milliseconds, unless the timer is set again before. If our loop was
   * late, the sockets are read once more first: `then` may be a verdict on the new connection.
   */
  set(waitMs: number, then: () => void): void {
    this.#cancel();
    if (!this.#closed) this.#cancel = scheduleDeadline(this.#timer, waitMs, then);
  }

  /** No timer runs. */
  clear(): void {
    this.#cancel();
  }

  /** No timer runs any more. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** A renewal failed: gives the pause before the next one, in milliseconds. */
  failed(): number {
    return this.#pause?.fail() ?? 0;
  }

  /** A renewal succeeded: the next pause is a short one. */
  succeeded(): void {
    this.#pause?.reset();
  }
}
