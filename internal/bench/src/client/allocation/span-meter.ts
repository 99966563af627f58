import type { FrameSink } from "../receiver.js";

/** Looks at the process from the first frame to the last. */
export interface Probe<T> {
  start(): void;
  stop(): T;
}

/** Runs a probe over a flood. The frame that starts it is not among those it is divided by. */
export class SpanMeter<T> implements FrameSink {
  readonly #count: number;
  readonly #probe: Probe<T>;
  readonly #done: () => void;
  #frames = 0;
  #found: T | undefined;

  constructor(count: number, probe: Probe<T>, done: () => void) {
    this.#count = count;
    this.#probe = probe;
    this.#done = done;
  }

  frame(): void {
    this.unread();
  }

  unread(): void {
    if (++this.#frames === 1) {
      this.#probe.start();
    } else if (this.#frames === this.#count) {
      this.#found = this.#probe.stop();
      this.#done();
    }
  }

  raw(): void {
    throw new TypeError("bytes are no frames");
  }

  /** @throws Error before the last frame */
  get found(): T {
    if (this.#found === undefined) throw new Error("the flood is not over");
    return this.#found;
  }

  get fault(): string | undefined {
    return this.#frames === this.#count
      ? undefined
      : `${this.#frames} frames came instead of ${this.#count}`;
  }
}
