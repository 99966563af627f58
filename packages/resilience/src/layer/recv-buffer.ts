import type { DataFrame, ReceivedFrame, WsError, WsSource } from "@oath-ws/contract";
import { DropOldestRing } from "../core/drop-oldest-ring.js";
import { ReadHalf } from "../leaf/read-half.js";
import { decodeUtf8 } from "../leaf/utf8.js";

/** A class rather than a literal, so that `text()` is shared and the only allocation per frame is the object itself. */
class StampedFrame implements ReceivedFrame {
  readonly kind: "text" | "binary";
  readonly data: Uint8Array;
  readonly epoch: number;
  readonly seq: number;
  readonly receivedAt: number;

  constructor(kind: "text" | "binary", data: Uint8Array, epoch: number, seq: number, receivedAt: number) {
    this.kind = kind;
    this.data = data;
    this.epoch = epoch;
    this.seq = seq;
    this.receivedAt = receivedAt;
  }

  text(): string {
    return decodeUtf8(this.data);
  }
}

/**
 * The buffer between the socket and the one consumer: stamps every data frame with its place in the stream and keeps the newest
 * ones. It outlives sockets, so frames of an earlier epoch come out first, marked with theirs.
 */
export class RecvBuffer {
  readonly #ring: DropOldestRing<ReceivedFrame>;
  readonly #half: ReadHalf<ReceivedFrame>;
  #seq = 0;

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
    this.#ring.push(new StampedFrame(frame.kind, frame.data, epoch, ++this.#seq, receivedAt));
  }

  wake(): void {
    this.#half.wake();
  }

  /** No frame will come any more; the reader gets what is stored, then the end. */
  end(error: WsError | undefined): void {
    this.#half.end(error);
  }
}
