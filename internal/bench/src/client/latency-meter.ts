import { monotonicNs } from "../clock.js";
import { readStamp } from "../payload.js";
import type { Latencies } from "../protocol.js";
import { quantile } from "../stats.js";
import type { FrameSink } from "./receiver.js";
import { Stopwatch } from "./stopwatch.js";

/** Notes how old every frame is when it is delivered. The first tenth is warm-up. */
export class LatencyMeter implements FrameSink {
  readonly #samples: Float64Array;
  readonly #done: () => void;
  readonly #warmUp: number;
  readonly #stopwatch = new Stopwatch();
  #count = 0;

  constructor(count: number, done: () => void) {
    this.#samples = new Float64Array(count);
    this.#warmUp = Math.floor(count / 10);
    this.#done = done;
  }

  frame(data: Uint8Array | string): void {
    const now = monotonicNs();
    if (typeof data === "string") throw new TypeError("stamps are read from bytes");
    this.#samples[this.#count] = now - readStamp(data);
    if (++this.#count === this.#warmUp) this.#stopwatch.start();
    if (this.#count !== this.#samples.length) return;
    this.#stopwatch.stop(this.#count - this.#warmUp);
    this.#done();
  }

  unread(): void {
    throw new TypeError("stamps are read from bytes");
  }

  raw(): void {
    throw new TypeError("bytes have no stamps");
  }

  get result(): Latencies {
    const sorted = this.#samples.subarray(this.#warmUp).toSorted();
    const us = (q: number): number => quantile(sorted, q) / 1e3;
    return {
      ...this.#stopwatch.result,
      p50Us: us(0.5),
      p90Us: us(0.9),
      p99Us: us(0.99),
      maxUs: us(1),
    };
  }

  get fault(): string | undefined {
    const { length } = this.#samples;
    return this.#count === length ? undefined : `${this.#count} frames came instead of ${length}`;
  }
}
