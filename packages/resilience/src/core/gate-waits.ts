/** Adds up the time in which something is waited for. */
export class GateWaits {
  #since: number | undefined;
  #totalMs = 0;

  /** Notes whether it is waited for from `now` on. */
  look(waits: boolean, now: number): void {
    if (waits) {
      this.#since ??= now;
    } else if (this.#since !== undefined) {
      this.#totalMs += now - this.#since;
      this.#since = undefined;
    }
  }

  /** How long so far, in milliseconds, the present wait included. */
  totalMs(now: number): number {
    return this.#totalMs + (this.#since === undefined ? 0 : Math.max(0, now - this.#since));
  }
}
