import type { Random, Spawn, Task } from "@oath-ws/contract";

/** Turns that {@link ManualSpawn.drain} makes before it calls the tasks a livelock. */
const DEFAULT_MAX_TURNS = 100_000;

/** Options of {@link ManualSpawn}. */
export interface ManualSpawnOptions {
  /**
   * Picks which of the waiting tasks gets the next turn. Default: the one that has waited longest.
   * The contract of `Spawn` promises no order between tasks; give a seeded random to try others.
   */
  readonly random?: Random | undefined;
}

interface Slot {
  readonly task: Task;
  readonly wake: () => void;
  state: "idle" | "ready" | "polling" | "woken while polling" | "done";
}

/**
 * A {@link Spawn} on which nothing runs until the test says so, one turn at a time. It keeps the
 * contract that the code under test relies on: a spawned task is polled once, and again after each
 * wake; several wakes before a turn make one turn, a wake during a turn makes one more, and no turn
 * runs inside another.
 *
 * What a `poll` throws comes out of {@link turn}; the task is then done (a task must not throw).
 */
export class ManualSpawn implements Spawn {
  readonly #random: Random | undefined;
  readonly #ready: Slot[] = [];
  #live = 0;
  #polling = false;

  constructor(options: ManualSpawnOptions = {}) {
    this.#random = options.random;
  }

  spawn(task: Task): void {
    const slot: Slot = { task, state: "idle", wake: () => this.#wake(slot) };
    this.#live++;
    slot.wake();
  }

  /** Tasks that wait for a turn. */
  get readyCount(): number {
    return this.#ready.length;
  }

  /** Tasks that were spawned and are not done. 0 after a clean shutdown. */
  get liveCount(): number {
    return this.#live;
  }

  /**
   * Polls one waiting task, once. Returns `false` when none waits. Must not be called from inside a
   * `poll`.
   */
  turn(): boolean {
    if (this.#polling) throw new Error("a turn must not run inside another turn");
    const slot = this.#takeReady();
    if (slot === undefined) return false;
    slot.state = "polling";
    this.#polling = true;
    let outcome: "pending" | "done" = "done";
    try {
      outcome = slot.task.poll(slot.wake);
    } finally {
      this.#polling = false;
      this.#finish(slot, outcome);
    }
    return true;
  }

  /**
   * Makes turns until no task waits, and returns how many it made. Throws after `maxTurns` (default
   * 100 000): then some task wakes itself, or two wake each other, without end.
   */
  drain(maxTurns: number = DEFAULT_MAX_TURNS): number {
    let turns = 0;
    while (this.#ready.length > 0) {
      if (turns === maxTurns) {
        throw new Error(
          `livelock: ${this.#ready.length} task(s) still want a turn after ${maxTurns} turns`,
        );
      }
      this.turn();
      turns++;
    }
    return turns;
  }

  #takeReady(): Slot | undefined {
    if (this.#random === undefined || this.#ready.length < 2) return this.#ready.shift();
    return this.#ready.splice(Math.floor(this.#random.next() * this.#ready.length), 1)[0];
  }

  #wake(slot: Slot): void {
    if (slot.state === "polling") slot.state = "woken while polling";
    if (slot.state !== "idle") return;
    slot.state = "ready";
    this.#ready.push(slot);
  }

  #finish(slot: Slot, outcome: "pending" | "done"): void {
    if (outcome === "done") {
      slot.state = "done";
      this.#live--;
      return;
    }
    const again = slot.state === "woken while polling";
    slot.state = "idle";
    if (again) slot.wake();
  }
}
