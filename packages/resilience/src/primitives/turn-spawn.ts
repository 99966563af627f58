import type { Spawn, Task } from "@oath-ws/contract";

/**
 * Turns of one task that may follow each other without going back to the event loop. Microtasks run
 * before any I/O, so a task that wakes itself without end would starve the very sockets it waits
 * for; after this many turns it lets them in.
 */
const MAX_TURNS_IN_A_ROW = 128;

/** The two queues of an event loop that turns are put into. */
export interface TurnQueues {
  /** Before the next event: a microtask. What is run does not throw. */
  readonly soon: (run: () => void) => void;
  /**
   * After events that wait already have had their chance. What is run may throw, and that must come
   * to the reader's notice.
   */
  readonly later: (run: () => void) => void;
}

/**
 * The `Spawn` of a real event loop. A wake-up costs no trip through the loop, so what one socket
 * read brought is handled before the next read. After 128 turns without a pause a task's next turn
 * waits for the loop, so that one which wakes itself for ever cannot hang the process.
 *
 * A `poll` that throws breaks the contract. The exception goes to the caller that runs the later
 * queue, with its own stack, because a stack that stopped without a word is what this library
 * exists to prevent; the task stays wakeable for a process that survives that.
 */
export function turnSpawn(queues: TurnQueues): Spawn {
  return {
    spawn(task) {
      new Turns(task, queues).wake();
    },
  };
}

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
  readonly #queues: TurnQueues;
  #state: TurnState = "idle";
  #inARow = 0;

  constructor(task: Task, queues: TurnQueues) {
    this.#task = task;
    this.#queues = queues;
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
    } catch (error) {
      this.#queues.later(() => {
        throw error;
      });
    }
    this.#afterTurn(result);
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
      this.#queues.soon(this.#turn);
    } else {
      this.#inARow = 0;
      this.#queues.later(this.#turn);
    }
  }
}
