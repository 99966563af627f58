import { setTimeout as pause } from "node:timers/promises";
import { Violation } from "./violation.js";

const POLL_MS = 2;

/**
 * Waits for what has to happen, and not for ever: a wait that is too long is a Violation that says
 * what it was for.
 */
export class Patience {
  readonly #ms: number;

  /** @param ms for each wait: long, since the machine may be busy; nothing here takes long */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#ms;
    while (!holds()) {
      if (performance.now() > deadline) throw inVain(what);
      await pause(POLL_MS);
    }
  }

  /** Waits for a promise. */
  async settled<T>(what: string, promise: Promise<T>): Promise<T> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(inVain(what)), this.#ms);
      cancel = () => clearTimeout(timer);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  }
}

function inVain(what: string): Violation {
  return new Violation(`waited in vain for ${what}`);
}
