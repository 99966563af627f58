import type { Fault } from "../faults/fault.js";

type ArchiveFault = Extract<Fault, { kind: "old-trades" }>;

/** Faults that wait for the next requests for old trades. */
export class ArchiveFaults {
  #waiting: { readonly fault: ArchiveFault; left: number }[] = [];

  add(fault: ArchiveFault): void {
    this.#waiting.push({ fault, left: fault.count ?? 1 });
  }

  /** What happens to the next request; `undefined` for nothing. Uses it up. */
  next(): ArchiveFault | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    next.left--;
    if (next.left <= 0) this.#waiting.shift();
    return next.fault;
  }

  clear(): void {
    this.#waiting = [];
  }
}
