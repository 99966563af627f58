import type { CancelSignal } from "@oath-ws/contract";

/** Places for so many at once. Who finds none waits, in the order of coming. */
export class Slots {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** @param max places; a whole number >= 1 */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes a place as soon as there is one; the caller {@link free}s it. Rejects with the signal's
   * reason, and then holds none.
   */
  async take(signal?: CancelSignal): Promise<void> {
    if (signal?.aborted === true) throw signal.reason;
    if (this.#taken < this.#max) {
      this.#taken++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        signal?.removeEventListener("abort", onAbort);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiting.push(enter);
    });
  }

  /** Gives a place back, to whoever waits longest. */
  free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
