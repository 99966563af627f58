import type { Timed } from "../../protocol.js";
import { Stopwatch } from "../stopwatch.js";

/** Counts events with consecutive ids, and the time from the first to the last. */
export class EventMeter {
  readonly #expected: number;
  readonly #done: () => void;
  #last = 0;
  #disorder: string | undefined;
  readonly #stopwatch = new Stopwatch();

  constructor(expected: number, done: () => void) {
    this.#expected = expected;
    this.#done = done;
  }

  event(id: number): void {
    if (this.#last === 0) this.#stopwatch.start();
    if (id !== this.#last + 1) this.#disorder ??= `event ${id} came after ${this.#last}`;
    this.#last = id;
    if (id !== this.#expected) return;
    this.#stopwatch.stop(id);
    this.#done();
  }

  get result(): Timed {
    return this.#stopwatch.result;
  }

  /** Why the repeat does not count, if it does not. */
  get fault(): string | undefined {
    return this.#disorder;
  }
}
