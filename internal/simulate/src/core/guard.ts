/**
 * Keeps the first error of checks that run inside the code under test, where it could be swallowed
 * or end the process. The run asks for it with its next look.
 */
export class Guard {
  #error: unknown;
  #hasFailed = false;

  /** Runs a check. */
  run(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!this.#hasFailed) this.#error = error;
      this.#hasFailed = true;
    }
  }

  /** Throws what a check threw. */
  look(): void {
    if (this.#hasFailed) throw this.#error;
  }
}
