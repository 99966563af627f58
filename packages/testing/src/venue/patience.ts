import type { Timer } from "@oath-ws/contract";
import type { World } from "../world.js";
import { Violation } from "./violation.js";

const POLL_MS = 2;

/**
 * Waits for what has to happen, and not for ever: a wait that is too long is a Violation that says
 * what it was for. In virtual time it is what lets the time pass.
 */
export interface Patience {
  /** Waits until something holds. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Waits for a promise. */
  settled<T>(what: string, promise: Promise<T>): Promise<T>;
}

/** Waits in real time, or in that of a world. */
export function patienceOf(ms: number, timer: Timer, world: World | undefined): Patience {
  return world === undefined ? new RealPatience(ms, timer) : new VirtualPatience(ms, world);
}

class RealPatience implements Patience {
  readonly #ms: number;
  readonly #timer: Timer;

  /** @param ms for each wait: long, since the machine may be busy; nothing here takes long */
  constructor(ms: number, timer: Timer) {
    this.#ms = ms;
    this.#timer = timer;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = this.#timer.now() + this.#ms;
    while (!holds()) {
      if (this.#timer.now() > deadline) throw inVain(what);
      await new Promise<void>((resolve) => {
        this.#timer.schedule(POLL_MS, resolve);
      });
    }
  }

  async settled<T>(what: string, promise: Promise<T>): Promise<T> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#timer.schedule(this.#ms, () => reject(inVain(what)));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  }
}

class VirtualPatience implements Patience {
  readonly #ms: number;
  readonly #world: World;

  constructor(ms: number, world: World) {
    this.#ms = ms;
    this.#world = world;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    let isReached = false;
    // What `holds` throws is a Violation of its own, and must not be taken for a wait in vain.
    const reached = (): boolean => (isReached = holds());
    await this.#world.runUntil(reached, this.#ms).catch((error: unknown) => {
      if (error instanceof Violation || isReached) throw error;
      throw inVain(what, error);
    });
  }

  async settled<T>(what: string, promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.until(what, () => isSettled);
    return promise;
  }
}

function inVain(what: string, cause?: unknown): Violation {
  return new Violation(`waited in vain for ${what}`, { cause });
}
