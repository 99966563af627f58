import type { Random, Spawn, Task, Timer } from "@oath-ws/contract";

/** The platform's clocks and queues, by shape: browsers, workers, Deno, Bun and Node have them. */
interface Platform {
  readonly performance: { now(): number };
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
  queueMicrotask(run: () => void): void;
}

// Looked up at each call: a test runner's fake timers replace them.
const platform = globalThis as unknown as Platform;

/** Timers count in 32 bits everywhere; a longer delay would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Turns of one task that may follow each other in microtasks. These run before any event, so a task that wakes itself without end
 * would starve the sockets it waits for; after this many turns it lets them in.
 */
const MAX_TURNS_IN_A_ROW = 128;

/**
 * The platform's clocks and timers: `performance.now()` and `Date.now()` in milliseconds, and `setTimeout`. Delays have no upper
 * limit, a negative one counts as 0, and `run` is never called early. Throws a `RangeError` for a delay that is not a finite number.
 *
 * A browser may fire the timers of a background tab up to a minute late; the stack takes such a delay for a stall of our own and judges
 * no peer by it.
 */
export const webTimer: Timer = {
  now: () => platform.performance.now(),
  wallNow: () => Date.now(),
  schedule(delayMs, run) {
    if (!Number.isFinite(delayMs)) throw new RangeError(`a delay must be a finite number, got ${delayMs}`);
    const dueAt = platform.performance.now() + Math.max(0, delayMs);
    const arm = (): unknown =>
      platform.setTimeout(onTimeout, Math.min(Math.ceil(dueAt - platform.performance.now()), MAX_TIMEOUT_MS));
    const onTimeout = (): void => {
      if (platform.performance.now() < dueAt) handle = arm();
      else run();
    };
    let handle = arm();
    return () => platform.clearTimeout(handle);
  },
};

/** `Math.random()`. */
export const webRandom: Random = { next: () => Math.random() };

/**
 * Runs tasks in microtasks, so that what one event brought is handled before the next event. After 128 turns without a pause a task's
 * next turn waits for the event loop. A `poll` that throws breaks the contract; the exception goes to the platform as an uncaught one.
 */
export const webSpawn: Spawn = {
  spawn(task) {
    new Turns(task).wake();
  },
};

type TurnState =
  /** Waits for a wake. */
  | "idle"
  /** A turn is scheduled. */
  | "queued"
  /** The task runs. */
  | "polling"
  /** The task runs, and was woken meanwhile. */
  | "woken"
  /** The task is over; wakes mean nothing any more. */
  | "done";

/** The turns of one task. */
class Turns {
  readonly #task: Task;
  #state: TurnState = "idle";
  #inARow = 0;

  constructor(task: Task) {
    this.#task = task;
  }

  readonly wake = (): void => {
    if (this.#state === "idle") this.#queue();
    else if (this.#state === "polling") this.#state = "woken";
  };

  readonly #turn = (): void => {
    this.#state = "polling";
    let result: "pending" | "done" = "pending";
    try {
      result = this.#task.poll(this.wake);
    } finally {
      this.#afterTurn(result);
    }
  };

  #afterTurn(result: "pending" | "done"): void {
    if (result === "done") {
      this.#state = "done";
    } else if (this.#state === "woken") {
      this.#queue();
    } else {
      this.#state = "idle";
      this.#inARow = 0;
    }
  }

  #queue(): void {
    this.#state = "queued";
    if (++this.#inARow < MAX_TURNS_IN_A_ROW) {
      platform.queueMicrotask(this.#turn);
    } else {
      this.#inARow = 0;
      platform.setTimeout(this.#turn, 0);
    }
  }
}
