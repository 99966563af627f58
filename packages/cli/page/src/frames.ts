/** Jobs that are done before one frame; what is left waits for the next. */
export const MAX_JOBS_PER_FRAME = 8;

/** What drawing has cost so far. */
export interface Work {
  readonly frames: number;
  /** The most jobs of one frame; never more than {@link MAX_JOBS_PER_FRAME}. */
  readonly mostJobs: number;
  readonly longestMs: number;
  /** Jobs that wait now. */
  readonly waiting: number;
}

/**
 * Draws in step with the screen, a bounded amount before each frame: however much the program has,
 * the page stays smooth, and what it shows is late instead. A job that waits and is asked for again
 * is done once, with the newest data.
 */
export class Frames {
  readonly #waiting = new Map<object, () => void>();
  #isAsked = false;
  #frames = 0;
  #mostJobs = 0;
  #longestMs = 0;

  get work(): Work {
    return {
      frames: this.#frames,
      mostJobs: this.#mostJobs,
      longestMs: this.#longestMs,
      waiting: this.#waiting.size,
    };
  }

  /** Does a job before one of the next frames. `key`: what it draws. */
  draw(key: object, job: () => void): void {
    this.#waiting.set(key, job);
    this.#ask();
  }

  #ask(): void {
    if (this.#isAsked || this.#waiting.size === 0) return;
    this.#isAsked = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#isAsked = false;
    const startedAt = performance.now();
    let jobs = 0;
    for (const [key, job] of this.#waiting) {
      if (jobs === MAX_JOBS_PER_FRAME) break;
      this.#waiting.delete(key);
      jobs++;
      job();
    }
    this.#frames++;
    this.#mostJobs = Math.max(this.#mostJobs, jobs);
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt);
    this.#ask();
  }
}
