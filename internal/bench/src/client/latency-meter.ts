import { monotonicNs } from "../clock.js";
import { readStamp } from "../payload.js";
import type { Latencies } from "../protocol.js";
import { quantile } from "../stats.js";
import type { FrameSink } from "./receiver.js";

/** Notes how old every frame is when it is delivered. The first tenth is warm-up. */
export class LatencyMeter implements FrameSink {
  readonly #samples: Float64Array;
  readonly #done: () => void;
  #count = 0;

  constructor(count: number, done: () => void) {
    this.#samples = new Float64Array(count);
    this.#done = done;
  }

  frame(data: Uint8Array | string): void {
    const now = monotonicNs();
    if (typeof data === "string") throw new TypeError("stamps are read from bytes");
    this.#samples[this.#count] = now - readStamp(data);
    if (++this.#count === this.#samples.length) this.#done();
  }

  raw(): void {
    throw new TypeError("bytes have no stamps");
  }

  get result(): Latencies {
    const sorted = this.#samples.subarray(Math.floor(this.#samples.length / 10)).toSorted();
    const us = (q: number): number => quantile(sorted, q) / 1e3;
    return { p50Us: us(0.5), p90Us: us(0.9), p99Us: us(0.99), maxUs: us(1) };
  }

  get fault(): string | undefined {
    const { length } = this.#samples;
    return this.#count === length ? undefined : `${this.#count} frames came instead of ${length}`;
  }
}
