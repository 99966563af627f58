import type { Received } from "../../protocol.js";

/** Counts events with consecutive ids, and the time from the first to the last. */
export class EventMeter {
  readonly #expected: number;
  readonly #done: () => void;
  #last = 0;
  #disorder: string | undefined;
  #startedAt = 0;
  #endedAt = 0;
  #cpuAtStart: NodeJS.CpuUsage | undefined;
  #cpuUs = 0;

  constructor(expected: number, done: () => void) {
    this.#expected = expected;
    this.#done = done;
  }

  event(id: number): void {
    if (this.#last === 0) {
      this.#cpuAtStart = process.cpuUsage();
      this.#startedAt = performance.now();
    }
    if (id !== this.#last + 1) this.#disorder ??= `event ${id} came after ${this.#last}`;
    this.#last = id;
    if (id !== this.#expected) return;
    this.#endedAt = performance.now();
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    this.#cpuUs = user + system;
    this.#done();
  }

  get result(): Received {
    return { frames: this.#expected, elapsedMs: this.#endedAt - this.#startedAt, cpuUs: this.#cpuUs };
  }

  /** Why the repeat does not count, if it does not. */
  get fault(): string | undefined {
    return this.#disorder;
  }
}
