import type { SimTimer } from "./platform.js";

/** No wait of a venue is shorter, in real milliseconds. */
const LEAST_MS = 1;

/** How a {@link VenueClock} differs from the clocks below it. */
export interface ClockSettings {
  readonly timeScale: number;
  readonly clockSkewMs: number;
  readonly platform: { readonly timer: SimTimer };
}

/**
 * Time as the venue counts it. Every duration of a venue rule is given in *venue milliseconds*;
 * `timeScale` venue milliseconds pass in one real millisecond, so 3600 turns an hour into a second.
 * Wall-clock readings stay real, so that clients that sign with their own clock are judged fairly
 * at any scale. "Real" is what the platform's timer counts, which may be virtual.
 */
export class VenueClock {
  readonly timeScale: number;
  /** Real time. */
  readonly timer: SimTimer;
  readonly #skewMs: number;
  readonly #startedAt: number;
  readonly #timers: Set<() => void> = new Set();
  #closed = false;

  constructor({ timeScale, clockSkewMs, platform }: ClockSettings) {
    this.timeScale = timeScale;
    this.timer = platform.timer;
    this.#skewMs = clockSkewMs;
    this.#startedAt = this.timer.now();
  }

  /** Venue milliseconds since the simulator started. Never goes back. */
  now(): number {
    return (this.timer.now() - this.#startedAt) * this.timeScale;
  }

  /** The venue's wall clock: real milliseconds since 1970, plus the configured skew. */
  wallNow(): number {
    return this.timer.wallNow() + this.#skewMs;
  }

  /** Real milliseconds that a venue duration takes. */
  toReal(venueMs: number): number {
    return venueMs / this.timeScale;
  }

  /**
   * The header for a wait of a venue duration: real seconds, rounded up, so that a client may obey
   * it.
   */
  retryAfter(venueMs: number): { readonly "Retry-After": string } {
    return { "Retry-After": String(Math.max(1, Math.ceil(this.toReal(venueMs) / 1_000))) };
  }

  /**
   * Runs something after a venue duration. Returns the function that cancels it. After `close`
   * nothing is scheduled.
   */
  after(venueMs: number, run: () => void): () => void {
    if (this.#closed) return () => {};
    const cancelTimer = this.timer.schedule(Math.max(LEAST_MS, this.toReal(venueMs)), () => {
      this.#timers.delete(cancel);
      run();
    });
    const cancel = (): void => {
      cancelTimer();
      this.#timers.delete(cancel);
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Cancels everything scheduled. */
  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#timers]) cancel();
  }
}
