import type { DataFrame, ReceivedFrame, WsError, WsSource } from "@oath-ws/contract";
import { DropOldestRing } from "../core/drop-oldest-ring.js";
import { InboundFrame } from "../primitives/inbound-frame.js";
import type { Arrival } from "../primitives/inbound-frame.js";
import { ReadHalf } from "../primitives/read-half.js";

/**
 * The buffer between the socket and the one consumer: stamps every data frame with its place in the
 * stream and keeps the newest ones. It outlives sockets, so frames of an earlier epoch come out
 * first, marked with theirs.
 */
export class RecvBuffer {
  readonly #ring: DropOldestRing<InboundFrame>;
  readonly #half: ReadHalf<InboundFrame>;
  #seq = 0;
  #arrival: Arrival | undefined;

  constructor(bounds: { readonly maxFrames: number; readonly maxBytes: number }) {
    this.#ring = new DropOldestRing(bounds.maxFrames, bounds.maxBytes);
    this.#half = new ReadHalf(this.#ring);
  }

  get source(): WsSource<ReceivedFrame> {
    return this.#half;
  }

  get totalLagged(): number {
    return this.#ring.dropped;
  }

  get totalLaggedBytes(): number {
    return this.#ring.droppedBytes;
  }

  /** Stores a frame. The reader is not woken: call {@link wake} after the last frame of a turn. */
  push(frame: DataFrame, epoch: number, receivedAt: number): void {
    const stamped =
      frame instanceof InboundFrame ? frame : new InboundFrame(frame.kind, frame.data);
    let arrival = this.#arrival;
    if (arrival === undefined || arrival.at !== receivedAt || arrival.epoch !== epoch) {
      arrival = { epoch, at: receivedAt };
      this.#arrival = arrival;
    }
    stamped.stamp(++this.#seq, arrival);
    this.#ring.push(stamped);
  }

  /** Counts frames that were read and cannot be had any more: each takes its place in the stream. */
  skip(frames: number, bytes: number): void {
    this.#seq += frames;
    this.#ring.skip(frames, bytes);
  }

  wake(): void {
    this.#half.wake();
  }

  /** No frame will come any more; the reader gets what is stored, then the end. */
  end(error: WsError | undefined): void {
    this.#half.end(error);
  }
}
