import type { Timed } from "../protocol.js";
import type { FrameSink } from "./receiver.js";
import { Stopwatch } from "./stopwatch.js";

/** What a repeat must bring, exactly. */
export interface Expectation {
  readonly frames: number;
  /** Payload bytes of one frame. */
  readonly size: number;
  /** The same with its header, for the row that reads bytes. */
  readonly wireSize: number;
}

/**
 * Counts frames, and the time from the first to the last that is expected. What comes beyond is
 * counted too, and is a fault.
 */
export class ReceiveMeter implements FrameSink {
  readonly #expected: Expectation;
  readonly #done: () => void;
  #frames = 0;
  #bytes = 0;
  #rawBytes = 0;
  #unread = false;
  readonly #stopwatch = new Stopwatch();

  constructor(expected: Expectation, done: () => void) {
    this.#expected = expected;
    this.#done = done;
  }

  frame(data: Uint8Array | string): void {
    if (this.#frames === 0) this.#stopwatch.start();
    this.#bytes += data.length;
    if (++this.#frames === this.#expected.frames) this.#finish();
  }

  unread(): void {
    this.#unread = true;
    if (this.#frames === 0) this.#stopwatch.start();
    if (++this.#frames === this.#expected.frames) this.#finish();
  }

  raw(bytes: number): void {
    const { frames, wireSize } = this.#expected;
    if (this.#rawBytes === 0) this.#stopwatch.start();
    const before = this.#rawBytes;
    this.#rawBytes += bytes;
    const end = frames * wireSize;
    if (before < end && this.#rawBytes >= end) this.#finish();
  }

  get result(): Timed {
    return this.#stopwatch.result;
  }

  /** Why the repeat does not count, if it does not. */
  get fault(): string | undefined {
    const { frames, size, wireSize } = this.#expected;
    if (this.#rawBytes > 0) {
      const end = frames * wireSize;
      return this.#rawBytes === end ? undefined : `${this.#rawBytes} bytes came instead of ${end}`;
    }
    if (this.#frames !== frames) return `${this.#frames} frames came instead of ${frames}`;
    return this.#unread || this.#bytes === frames * size
      ? undefined
      : `${this.#bytes} payload bytes came instead of ${frames * size}`;
  }

  #finish(): void {
    this.#stopwatch.stop(this.#expected.frames);
    this.#done();
  }
}
