/** Faults that wait for the next times that something happens, each for a number of times. */
export class WaitingFaults<T> {
  #queue: Array<{ readonly fault: T; left: number }> = [];

  /** Lets a fault wait for the next `count` times. */
  add(fault: T, count: number): void {
    if (count > 0) this.#queue.push({ fault, left: count });
  }

  /** The oldest fault that is for this time; `undefined` for none. Uses it up. */
  take(isMeant: (fault: T) => boolean = () => true): T | undefined {
    const at = this.#queue.findIndex(({ fault }) => isMeant(fault));
    const found = this.#queue[at];
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#queue.splice(at, 1);
    return found.fault;
  }

  /** Forgets all. */
  clear(): void {
    this.#queue = [];
  }
}
