import type { WsError } from "@oath-ws/contract";
import { DivertibleReadHalf } from "./divertible-read-half.js";
import type { FrameStore } from "./read-half.js";

/**
 * Below this many taken slots the array is left alone; above, it is cut once the taken half
 * outweighs the rest.
 */
const COMPACT_AFTER = 1024;

/**
 * The unbounded first-in first-out queue between a leaf's socket callbacks and its source. Once the
 * source is diverted, as the stack does at once, it is bypassed and stays empty: frames go straight
 * to the receiver (ADR-0035). Otherwise its owner empties it, once a turn if it is quick, and then
 * it holds one socket read's worth of frames; the bound is in the receive buffer behind it.
 */
export class FrameQueue<F> implements FrameStore<F> {
  /** What the leaf hands out as `WsConnection.source`. */
  readonly source: DivertibleReadHalf<F>;
  #items: (F | undefined)[] = [];
  #head = 0;

  constructor() {
    this.source = new DivertibleReadHalf(this);
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** A frame came. It is stored, or handed on in this very call when the source is diverted. */
  push(frame: F): void {
    if (this.source.receiver !== undefined) {
      this.source.receiver(frame);
      return;
    }
    this.#items.push(frame);
    this.source.wake();
  }

  /**
   * No more frames will come. What was pushed before can still be taken; then the source ends, with
   * `error` if given.
   */
  end(error?: WsError): void {
    this.source.end(error);
  }

  shift(): F | undefined {
    if (this.#head === this.#items.length) return undefined;
    const frame = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#head = 0;
      // A long burst must not leave a long array behind.
      if (this.#items.length > COMPACT_AFTER) this.#items = [];
      else this.#items.length = 0;
    } else if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return frame;
  }
}
