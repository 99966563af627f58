import { SeededRandom } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";

/** When a run is given up: some part wakes itself without end. */
const MAX_TURNS = 5_000_000;

/** One seed in so many lets several sockets be read in front of the turns that follow. */
const POLLING = 3;

/** How often the next callback of the same instant then belongs to the same poll. */
const SAME_POLL = 0.5;

/** Resolves when every promise reaction and every `nextTick` that is queued has run. */
function reactionsDrained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Moves a world like its own methods do, and looks at everything between any two turns of the
 * scheduler and any two callbacks of the timer.
 *
 * Node calls back for all that its poll found, and only promise reactions run in between: bytes and
 * the end of their connection may be read before anything else has its turn. With one seed in three
 * callbacks of one instant are joined so, by the seed.
 */
export class StepLoop {
  readonly #world: World;
  readonly #look: (isSettled: boolean) => void;
  readonly #polls: SeededRandom | undefined;
  turns = 0;

  /**
   * @param look called after every turn and every callback. `isSettled`: no turn and no promise
   *   reaction waits. What it throws ends the run.
   */
  constructor(world: World, look: (isSettled: boolean) => void) {
    this.#world = world;
    this.#look = look;
    const { seed } = world;
    this.#polls = seed % POLLING === 0 ? new SeededRandom(seed ^ 0x706f) : undefined;
  }

  /** Lets time pass up to `at`. */
  async runTo(at: number): Promise<void> {
    await this.runUntil(() => false, at);
    const { timer } = this.#world;
    timer.advanceTo(Math.max(at, timer.now()));
  }

  /** Lets time pass until `enough()`, at most up to `at`; tells whether that came true. */
  async runUntil(enough: () => boolean, at: number): Promise<boolean> {
    const { timer } = this.#world;
    await this.settle();
    while (!enough()) {
      if (!timer.fireNext(at)) return enough();
      await this.#poll();
      await this.settle();
    }
    return true;
  }

  /** Lets everything happen that needs no time to pass, but timer callbacks. */
  async settle(): Promise<void> {
    const { spawn } = this.#world;
    this.#looked(false);
    do {
      while (spawn.turn()) this.#looked(false);
      await reactionsDrained();
    } while (spawn.readyCount > 0);
    this.#looked(true);
  }

  /** Further callbacks of the same instant, without a turn in between. */
  async #poll(): Promise<void> {
    const { timer } = this.#world;
    const isDue = (): boolean => (timer.nextDeadline ?? Infinity) <= timer.now();
    while (isDue() && this.#polls !== undefined && this.#polls.next() < SAME_POLL) {
      this.#looked(false);
      await reactionsDrained();
      timer.fireNext(timer.now());
    }
  }

  #looked(isSettled: boolean): void {
    if (++this.turns > MAX_TURNS) throw new Error(`livelock after ${MAX_TURNS} turns`);
    this.#look(isSettled);
  }
}
