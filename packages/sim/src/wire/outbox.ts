import type { SimTimer } from "../platform.js";
import type { WireSocket } from "./wire-socket.js";

/** How soon a throttled outbox lets bytes go again, at least and at most, in real milliseconds. */
const [TICK_MS, LONGEST_TICK_MS] = [10, 1_000];

/** Between those it waits until it may let so many bytes go at once. */
const PIECE_BYTES = 64;

/**
 * The bytes on their way to one peer. Normally everything goes straight to the socket; while
 * stalled or throttled it waits here in order, so that no frame can overtake another and no frame
 * is cut by a later one.
 */
export class Outbox {
  readonly #socket: WireSocket;
  readonly #timer: SimTimer;
  readonly #queue: Buffer[] = [];
  readonly #whenEmpty: Array<() => void> = [];
  #queuedBytes = 0;
  #stalled = false;
  #discarding = false;
  #bytesPerSecond: number | undefined;
  #cancelTick: (() => void) | undefined;
  #corked = false;

  constructor(socket: WireSocket, timer: SimTimer) {
    this.#socket = socket;
    this.#timer = timer;
  }

  /** Bytes that wait here or in the socket's own buffer. */
  get pendingBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Sends bytes, or queues them behind what is held back. After `discard` they vanish. */
  write(bytes: Buffer): void {
    if (this.#discarding) return;
    if (this.#holding()) {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.byteLength;
      this.#schedule();
      return;
    }
    // Frames of one turn leave in one system call.
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  /** Holds everything back until `resume`. */
  stall(): void {
    this.#stalled = true;
  }

  /** Lets go of what `stall` held back. */
  resume(): void {
    this.#stalled = false;
    this.#drain();
  }

  /** Limits the rate, in bytes per real second; `undefined` lifts the limit. */
  throttle(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#drain();
  }

  /** Forgets what is queued and swallows all that follows: the peer hears nothing more. */
  discard(): void {
    this.#discarding = true;
    this.#clear();
  }

  /**
   * Runs `next` once everything written so far has been handed to the socket; never, if it never
   * is.
   */
  afterDrain(next: () => void): void {
    if (this.#discarding) return;
    if (this.#stalled || this.#queue.length > 0) this.#whenEmpty.push(next);
    else next();
  }

  /** Stops the timer and forgets the queue. */
  close(): void {
    this.#discarding = true;
    this.#clear();
    this.#whenEmpty.length = 0;
  }

  #holding(): boolean {
    return this.#stalled || this.#queue.length > 0 || this.#bytesPerSecond !== undefined;
  }

  #clear(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #drain(): void {
    if (this.#stalled || this.#discarding) return;
    if (this.#bytesPerSecond === undefined) {
      for (const bytes of this.#queue) this.#socket.write(bytes);
      this.#clear();
      this.#emptied();
      return;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#cancelTick !== undefined || this.#stalled || this.#bytesPerSecond === undefined)
      return;
    const perMs = this.#bytesPerSecond / 1_000;
    const tickMs = Math.min(LONGEST_TICK_MS, Math.max(TICK_MS, PIECE_BYTES / perMs));
    this.#cancelTick = this.#timer.schedule(tickMs, () => {
      this.#cancelTick = undefined;
      this.#release(Math.max(1, Math.round(perMs * tickMs)));
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  /** Writes up to `allowance` bytes; the cut may fall inside a frame, as it does on a slow line. */
  #release(allowance: number): void {
    if (this.#stalled) return;
    let left = allowance;
    while (left > 0) {
      const head = this.#queue[0];
      if (head === undefined) break;
      const part = head.byteLength <= left ? head : head.subarray(0, left);
      this.#socket.write(part);
      left -= part.byteLength;
      this.#queuedBytes -= part.byteLength;
      if (part === head) this.#queue.shift();
      else this.#queue[0] = head.subarray(part.byteLength);
    }
    if (this.#queue.length === 0) this.#emptied();
  }

  #emptied(): void {
    for (const next of this.#whenEmpty.splice(0)) next();
  }
}
