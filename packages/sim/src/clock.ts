/** Longest delay a Node timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Time as the venue counts it. Every duration of a venue rule is given in *venue milliseconds*;
 * `timeScale` venue milliseconds pass in one real millisecond, so 3600 turns an hour into a second.
 * Wall-clock readings stay real, so that clients that sign with their own clock are judged fairly
 * at any scale.
 */
export class VenueClock {
  readonly timeScale: number;
  readonly #skewMs: number;
  readonly #startedAt: number = performance.now();
  readonly #timers: Set<() => void> = new Set();
  #closed = false;

  constructor(timeScale: number, skewMs = 0) {
    this.timeScale = timeScale;
    this.#skewMs = skewMs;
  }

  /** Venue milliseconds since the simulator started. Never goes back. */
  now(): number {
    return (performance.now() - this.#startedAt) * this.timeScale;
  }

  /** The venue's wall clock: real milliseconds since 1970, plus the configured skew. */
  wallNow(): number {
    return Date.now() + this.#skewMs;
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
    const due = performance.now() + this.toReal(venueMs);
    let handle: NodeJS.Timeout;
    const cancel = (): void => {
      clearTimeout(handle);
      this.#timers.delete(cancel);
    };
    const arm = (): void => {
      const left = Math.max(0, due - performance.now());
      if (left > MAX_TIMER_MS) {
        handle = setTimeout(arm, MAX_TIMER_MS);
        return;
      }
      handle = setTimeout(() => {
        this.#timers.delete(cancel);
        run();
      }, left);
    };
    arm();
    this.#timers.add(cancel);
    return cancel;
  }

  /** Cancels everything scheduled. */
  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#timers]) cancel();
  }
}
