import type { NewId } from "@oath-ws/contract";
import { microtasksDrained } from "./macrotask.js";
import { ManualSpawn } from "./manual-spawn.js";
import { SeededRandom } from "./seeded-random.js";
import { VirtualTimer } from "./virtual-timer.js";
import type { VirtualTimerOptions } from "./virtual-timer.js";

/**
 * How much virtual time {@link World.complete} and {@link World.runUntil} allow when the caller
 * names no limit: one hour.
 */
const DEFAULT_LIMIT_MS = 3_600_000;

/** Options of {@link createWorld}. */
export interface WorldOptions extends VirtualTimerOptions {
  /** Where all randomness comes from: an integer. Default 1. */
  readonly seed?: number | undefined;
  /**
   * Also let the seed choose which of several waiting tasks runs next, instead of the one that
   * waited longest. Default `false`. Loop over seeds to look for code that relies on an order
   * was not promised.
   */
  readonly shuffleTurns?: boolean | undefined;
}

/**
 * A small universe with its own time: clock, scheduler and randomness, moved by the test and by
 * nothing else. Give `timer`, `spawn`, `random` and `newId` to the code under test, then let time
 * pass with the methods below. They drain task turns and promise reactions between any two timer
 * callbacks, so code that mixes the three behaves as it does on a real event loop; and the same
 * seed and the same calls give the same run.
 *
 * One method may run at a time: always `await` it before you call the next (they reject otherwise).
 * What a timer callback or a task throws rejects the call that ran it. Code under test that waits
 * for real I/O cannot be driven this way.
 */
export interface World {
  readonly seed: number;
  readonly timer: VirtualTimer;
  readonly spawn: ManualSpawn;
  readonly random: SeededRandom;
  /** Names connections by the seed: the same seed gives the same ids. */
  readonly newId: NewId;
  /** Lets `ms` milliseconds pass. */
  run(ms: number): Promise<void>;
  /**
   * Lets everything happen that needs no time to pass: turns, promise reactions, and callbacks that
   * are due already.
   */
  settle(): Promise<void>;
  /**
   * Lets time pass until `condition()` holds, which is asked after every callback. Rejects once
   * `withinMs` milliseconds (default one hour) have passed without.
   */
  runUntil(condition: () => boolean, withinMs?: number): Promise<void>;
  /**
   * Lets time pass until `promise` settles, and settles the same way. Rejects when it is still
   * pending after `withinMs` milliseconds (default one hour), or as soon as nothing is scheduled
   * that could settle it.
   */
  complete<T>(promise: PromiseLike<T>, withinMs?: number): Promise<T>;
  /**
   * A promise that resolves `ms` virtual milliseconds from now: the pause of a slow consumer. It
   * does not make time pass itself; the test still has to call {@link run} or one of its siblings.
   */
  delay(ms: number): Promise<void>;
  /**
   * The event loop is blocked for `ms` milliseconds, then everything that is late happens: see
   * {@link VirtualTimer.stall}.
   */
  stall(ms: number): Promise<void>;
}

/** Makes a {@link World}. Throws a `RangeError` for a seed that is not an integer. */
export function createWorld(options: WorldOptions = {}): World {
  return new DrivenWorld(options);
}

class DrivenWorld implements World {
  readonly seed: number;
  readonly timer: VirtualTimer;
  readonly spawn: ManualSpawn;
  readonly random: SeededRandom;
  readonly newId: NewId;
  #driving = false;

  constructor(options: WorldOptions) {
    this.seed = options.seed ?? 1;
    this.timer = new VirtualTimer(options);
    this.random = new SeededRandom(this.seed);
    // Generators of their own: the shuffle, or one connection more, must not change the jitter.
    const order = new SeededRandom(~this.seed);
    const ids = new SeededRandom(this.seed ^ 0x6964);
    this.newId = () => Array.from({ length: 4 }, () => hex(ids.uint32())).join("");
    this.spawn = new ManualSpawn(options.shuffleTurns === true ? { random: order } : {});
  }

  run(ms: number): Promise<void> {
    return this.#drive(async () => {
      await this.#runTo(this.#in(ms));
    });
  }

  settle(): Promise<void> {
    return this.run(0);
  }

  runUntil(condition: () => boolean, withinMs: number = DEFAULT_LIMIT_MS): Promise<void> {
    return this.#drive(async () => {
      if (await this.#runTo(this.#in(withinMs), condition)) return;
      throw this.#stuck(`the condition did not come true within ${withinMs} ms`);
    });
  }

  complete<T>(promise: PromiseLike<T>, withinMs: number = DEFAULT_LIMIT_MS): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    return this.#drive(async () => {
      if (await this.#fireUntil(this.#in(withinMs), () => settled)) return await promise;
      throw this.#stuck(
        this.timer.nextDeadline === undefined
          ? "the promise is pending and nothing is scheduled that could settle it"
          : `the promise did not settle within ${withinMs} ms`,
      );
    });
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timer.schedule(ms, resolve);
    });
  }

  stall(ms: number): Promise<void> {
    return this.#drive(async () => {
      this.timer.block(ms);
      await this.#runTo(this.timer.now());
    });
  }

  /** Lets time pass up to `at`, or until `enough()`; tells whether that came true. */
  async #runTo(at: number, enough: () => boolean = () => false): Promise<boolean> {
    if (await this.#fireUntil(at, enough)) return true;
    // Slow code may have burnt time beyond `at` meanwhile.
    this.timer.advanceTo(Math.max(at, this.timer.now()));
    return enough();
  }

  /**
   * Fires what is due up to `at`, or until `enough()`; tells whether that came true. The clock
   * stays at the last callback.
   */
  async #fireUntil(at: number, enough: () => boolean): Promise<boolean> {
    await this.#drain();
    while (!enough()) {
      if (!this.timer.fireNext(at)) return false;
      await this.#drain();
    }
    return true;
  }

  #in(ms: number): number {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`a span of time must be finite and >= 0, got ${ms}`);
    return this.timer.now() + ms;
  }

  /** Alternates turns and promise reactions until neither is left. */
  async #drain(): Promise<void> {
    do {
      this.spawn.drain();
      await microtasksDrained();
    } while (this.spawn.readyCount > 0);
  }

  async #drive<T>(body: () => Promise<T>): Promise<T> {
    if (this.#driving) throw new Error("the world is already being driven: await the call before");
    this.#driving = true;
    try {
      return await body();
    } finally {
      this.#driving = false;
    }
  }

  #stuck(what: string): Error {
    const { timer, spawn } = this;
    return new Error(
      `${what} (seed ${this.seed}, t=${timer.now()}, ${timer.pendingCount} timers pending, ` +
        `${spawn.liveCount} tasks alive)`,
    );
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
