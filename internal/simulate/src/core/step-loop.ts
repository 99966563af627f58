import type { World } from "@oath-ws/testing";

/** When a run is given up: some part wakes itself without end. */
const MAX_TURNS = 5_000_000;

/** Resolves when every promise reaction and every `nextTick` that is queued has run. */
function reactionsDrained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Moves a world like its own methods do, and looks at everything between any two turns of the
 * scheduler and any two callbacks of the timer.
 */
export class StepLoop {
  readonly #world: World;
  readonly #look: (isSettled: boolean) => void;
  turns = 0;

  /**
   * @param look called after every turn and every callback. `isSettled`: no turn and no promise
   *   reaction waits. What it throws ends the run.
   */
  constructor(world: World, look: (isSettled: boolean) => void) {
    this.#world = world;
    this.#look = look;
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

  #looked(isSettled: boolean): void {
    if (++this.turns > MAX_TURNS) throw new Error(`livelock after ${MAX_TURNS} turns`);
    this.#look(isSettled);
  }
}
