import type { ReadableOptions, ReceivedFrame, WsSource } from "@oath-ws/contract";
import { batchesOf } from "@oath-ws/resilience";

/** A source that can be asked to give its last frame once more, before all others. */
export class RepeatingSource implements WsSource<ReceivedFrame> {
  readonly #source: WsSource<ReceivedFrame>;
  #last: ReceivedFrame | undefined;
  #again: ReceivedFrame | undefined;

  constructor(source: WsSource<ReceivedFrame>) {
    this.#source = source;
  }

  /** The frame that was taken last comes again. */
  repeat(): void {
    this.#again = this.#last;
  }

  take(): ReceivedFrame | undefined {
    const again = this.#again;
    this.#again = undefined;
    this.#last = again ?? this.#source.take();
    return this.#last;
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#again === undefined ? this.#source.readable(options) : Promise.resolve(true);
  }

  batches(): AsyncIterable<readonly ReceivedFrame[]> {
    return batchesOf(this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedFrame, undefined> {
    while (await this.readable()) {
      for (let frame = this.take(); frame !== undefined; frame = this.take()) yield frame;
    }
    return undefined;
  }
}
