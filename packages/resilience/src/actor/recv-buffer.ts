import type { ConnectionIdentity, DataFrame, Timer, WsError, FrameSource } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { attribute } from "../core/attribute.js";
import { DropOldestRing } from "../core/drop-oldest-ring.js";
import { ReaderLag } from "../core/reader-lag.js";
import { elapsedClock } from "../primitives/elapsed.js";
import type { ElapsedClock } from "../primitives/elapsed.js";
import { InboundFrame, UNSTAMPED } from "../primitives/inbound-frame.js";
import type { Arrival } from "../primitives/inbound-frame.js";
import { ReadHalf } from "../primitives/read-half.js";
import type { FrameStore } from "../primitives/read-half.js";

/** What a {@link RecvBuffer} is built from. */
export interface RecvBufferOptions {
  readonly bounds: ResilienceConfig["buffer"];
  readonly timer: Pick<Timer, "now" | "wallNow">;
  /** The reader's own call dropped frames by age, or caught up. */
  readonly onReaderChange: () => void;
  readonly connection: ConnectionIdentity;
}

/**
 * The buffer between the socket and the one consumer: stamps every data frame with its place in the
 * stream, keeps the newest ones, and knows how old what the consumer read is. It outlives sockets,
 * so frames of an earlier epoch come out first, marked with theirs.
 */
export class RecvBuffer implements FrameStore<InboundFrame> {
  readonly #ring: DropOldestRing<InboundFrame>;
  readonly #half: ReadHalf<InboundFrame>;
  readonly #clock: ElapsedClock;
  readonly #maxAgeMs: number | undefined;
  readonly #lag: ReaderLag;
  readonly #onReaderChange: () => void;
  readonly #connection: ConnectionIdentity;
  #seq = 0;
  #bytes = 0;
  #arrival = UNSTAMPED;
  /** The arrival of the frame that counts as read last. */
  #read: Arrival = UNSTAMPED;
  /** That of the newest frame of a batch which the reader has not come back from. */
  #batchEnd: Arrival | undefined;
  #ended = false;

  constructor({ bounds, timer, onReaderChange, connection }: RecvBufferOptions) {
    this.#ring = new DropOldestRing(bounds.maxFrames, bounds.maxBytes);
    this.#half = new ReadHalf(this);
    this.#connection = connection;
    this.#clock = elapsedClock(timer);
    this.#maxAgeMs = bounds.maxAgeMs;
    this.#lag = new ReaderLag(bounds.staleReaderMs === false ? undefined : bounds.staleReaderMs);
    this.#onReaderChange = onReaderChange;
  }

  get source(): FrameSource {
    return this.#half;
  }

  get totalLagged(): number {
    return this.#ring.dropped;
  }

  get totalLaggedBytes(): number {
    return this.#ring.droppedBytes;
  }

  /** Frames that came so far, lost ones included. */
  get totalFrames(): number {
    return this.#seq;
  }

  /** Their payload bytes. */
  get totalBytes(): number {
    return this.#bytes;
  }

  /** How many frames wait. */
  get size(): number {
    return this.#ring.size;
  }

  /** What of the bound they use. */
  get bytes(): number {
    return this.#ring.bytes;
  }

  /** How long the oldest waiting frame has waited, in milliseconds; 0 when none waits. */
  get readerBehindMs(): number {
    const oldest = this.#ring.peek();
    return oldest === undefined ? 0 : this.#clock.read() - oldest.arrival.elapsedMs;
  }

  /**
   * Since when the reader is behind (see `LifecycleSnapshot.readerBehindSince`).
   *
   * @param now the time of the caller's turn, which spares a look at the clocks; a sleep that no
   *   arrival told of is missed then
   */
  readerBehindSince(now?: number): number | undefined {
    const oldest = this.#ring.peek()?.arrival;
    if (oldest === undefined) return this.#lag.since(undefined, 0);
    return this.#lag.since(
      oldest,
      now === undefined ? this.#clock.read() : now + this.#clock.sleptMs,
    );
  }

  /** When a reader that takes nothing will be behind. */
  get nextDeadline(): number | undefined {
    return this.#lag.deadline(this.#ring.peek()?.arrival);
  }

  /** The age of what was read last; `undefined` unless that is of this epoch. */
  readAgeMs(epoch: number): number | undefined {
    const { epoch: readEpoch, elapsedMs } = this.#read;
    return readEpoch === epoch ? this.#clock.read() - elapsedMs : undefined;
  }

  /** How long the machine has slept, for {@link push}, in milliseconds. */
  lookSlept(): number {
    this.#clock.read();
    return this.#clock.sleptMs;
  }

  /**
   * Stores a frame. The reader is not woken: call {@link wake} after the last frame of a turn.
   *
   * @param sleptMs {@link lookSlept} at `receivedAt`, of a frame that was held back since
   */
  push(frame: DataFrame, epoch: number, receivedAt: number, sleptMs?: number): void {
    const stamped =
      frame instanceof InboundFrame ? frame : new InboundFrame(frame.kind, frame.data);
    let arrival = this.#arrival;
    if (arrival.at !== receivedAt || arrival.epoch !== epoch) {
      arrival = this.#arrive(epoch, receivedAt, sleptMs);
      this.#arrival = arrival;
    }
    stamped.stamp(++this.#seq, arrival);
    this.#bytes += stamped.byteLength;
    this.#ring.push(stamped);
  }

  /**
   * Counts frames that were read and cannot be had any more: each takes its place in the stream.
   */
  skip(frames: number, bytes: number): void {
    this.#seq += frames;
    this.#bytes += bytes;
    this.#ring.skip(frames, bytes);
  }

  /** Hands out the oldest frame. */
  shift(): InboundFrame | undefined {
    this.#readerCameBack();
    const frame = this.#ring.shift();
    // Compared first: to store a pointer costs more than to look.
    if (frame !== undefined && frame.arrival !== this.#read) this.#readOf(frame.arrival);
    return frame;
  }

  /** Hands out everything that waits, at most `max`; empty when nothing does. */
  shiftMany(max: number): InboundFrame[] {
    this.#readerCameBack();
    const batch = this.#ring.shiftMany(max);
    const oldest = batch[0];
    if (oldest === undefined) return batch;
    this.#batchEnd = batch.at(-1)?.arrival;
    this.#readOf(oldest.arrival);
    return batch;
  }

  attributed(error: WsError): WsError {
    return attribute(error, this.#connection);
  }

  takeBack(frame: InboundFrame): void {
    frame.takeBack();
  }

  /** @returns whether a reader waited for it */
  wake(): boolean {
    return this.#half.wake();
  }

  /**
   * No frame will come any more; the reader gets what is stored, then the end. None is dropped by
   * age from now on: the last snapshot is out, and could not tell of it.
   */
  end(error: WsError | undefined): void {
    this.#ended = true;
    this.#half.end(error);
  }

  /** The clocks are looked at once per read of the socket. */
  #arrive(epoch: number, at: number, sleptMs: number | undefined): Arrival {
    const elapsedNow = this.#clock.read();
    // A leaf may have read it some time ago.
    const agoMs = Math.max(0, elapsedNow - (sleptMs ?? this.#clock.sleptMs) - at);
    const elapsedMs = elapsedNow - agoMs;
    if (this.#maxAgeMs !== undefined) this.#dropAged(elapsedMs, this.#maxAgeMs, 0);
    return { epoch, at, unixMs: this.#clock.wallMs - Math.floor(agoMs), elapsedMs };
  }

  #readerCameBack(): void {
    if (this.#batchEnd !== undefined) {
      this.#read = this.#batchEnd;
      this.#batchEnd = undefined;
    }
    if (this.#maxAgeMs === undefined || this.#ended || this.#ring.size < 2) return;
    const before = this.#ring.dropped;
    this.#dropAged(this.#clock.read(), this.#maxAgeMs, 1);
    if (this.#ring.dropped !== before) this.#onReaderChange();
  }

  /** The newest frame is never dropped by age. */
  #dropAged(elapsedMs: number, maxAgeMs: number, keep: 0 | 1): void {
    while (this.#ring.size > keep) {
      const oldest = this.#ring.peek();
      if (oldest === undefined || elapsedMs - oldest.arrival.elapsedMs <= maxAgeMs) return;
      this.#ring.drop();
    }
  }

  #readOf(arrival: Arrival): void {
    this.#read = arrival;
    if (this.#lag.isBehind && this.readerBehindSince() === undefined) this.#onReaderChange();
  }
}
