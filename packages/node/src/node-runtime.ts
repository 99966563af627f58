import type { Random, Spawn, Task, Timer } from "@oath-ws/contract";

/** Node's own timers count in 32 bits; a longer delay would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Turns of one task that may follow each other without going back to the event loop. Microtasks run before any I/O, so a task that
 * wakes itself without end would starve the very sockets it waits for; after this many turns it lets them in.
 */
const MAX_TURNS_IN_A_ROW = 128;

/**
 * Node's clocks and timers: `performance.now()` and `Date.now()` in milliseconds, and `setTimeout`.
 *
 * A scheduled run keeps the process alive, on purpose: during an outage there is no socket to do so, and a bot that waits out a
 * backoff must not exit. Whoever schedules cancels what is no longer wanted; the stack does that on shutdown. Delays have
 * no upper limit, a negative one counts as 0, and `run` is never called early: Node rounds its timers to whole milliseconds and may
 * fire up to one too soon, which is waited out. Throws a `RangeError` for a delay that is not a finite number.
 */
export const nodeTimer: Timer = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  schedule(delayMs, run) {
    if (!Number.isFinite(delayMs)) throw new RangeError(`a delay must be a finite number, got ${delayMs}`);
    const dueAt = performance.now() + Math.max(0, delayMs);
    const arm = (): NodeJS.Timeout => setTimeout(onTimeout, Math.min(Math.ceil(dueAt - performance.now()), MAX_TIMEOUT_MS));
    const onTimeout = (): void => {
      if (performance.now() < dueAt) handle = arm();
      else run();
    };
    let handle = arm();
    return () => clearTimeout(handle);
  },
};

/** `Math.random()`. */
export const nodeRandom: Random = { next: () => Math.random() };

/**
 * Runs tasks in microtasks: a wake-up costs no trip through the event loop, so what one socket read brought is handled before the
 * next read. After 128 turns without a pause a task's next turn waits for the event loop, so that one which wakes itself for ever
 * cannot hang the process.
 *
 * A `poll` that throws breaks the contract. The exception surfaces as an uncaught one, with its own stack, because a stack that
 * stopped without a word is what this library exists to prevent; the task stays wakeable for a process that survives that.
 */
export const nodeSpawn: Spawn = {
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
      queueMicrotask(this.#turn);
    } else {
      this.#inARow = 0;
      setImmediate(this.#turn);
    }
  }
}
