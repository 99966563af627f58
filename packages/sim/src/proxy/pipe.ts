import type { Socket } from "node:net";
import type { SeededRandom } from "../random.js";
import { resetSocket } from "../reset-socket.js";
import type { ProxyRules } from "./proxy-rules.js";

/** Longest stretch of time that one throttled piece may stand for, in milliseconds. */
const THROTTLE_PIECE_MS = 20;

/** Bytes on their way, and when they may arrive. */
interface Chunk {
  readonly bytes: Buffer;
  readonly dueAt: number;
}

/** Told of what passes, for the statistics. */
export interface PipeEvents {
  passed(bytes: number): void;
  buffered(bytes: number): void;
}

/**
 * One direction of a proxied connection. Holds at most `maxBytes` (and one chunk) back: above that
 * it stops reading, so that a slow target slows the sender down and nothing piles up here.
 */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #random: SeededRandom;
  readonly #maxBytes: number;
  readonly #events: PipeEvents;
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  #rules: ProxyRules;
  /** How the sender ended, once it has. */
  #sender: "open" | "ended" | "closed" | "reset" = "open";
  #passedEnd = false;
  #lastDue = 0;
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(
    from: Socket,
    to: Socket,
    rules: ProxyRules,
    random: SeededRandom,
    maxBytes: number,
    events: PipeEvents,
  ) {
    this.#from = from;
    this.#to = to;
    this.#rules = rules;
    this.#random = random;
    this.#maxBytes = maxBytes;
    this.#events = events;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#senderIs("ended"));
    from.on("error", () => this.#senderIs("reset"));
    from.on("close", () => this.#senderIs("closed"));
    to.on("drain", () => this.#pump());
    this.#steerReading();
  }

  /**
   * Changes what happens to the bytes from now on. Those already delayed keep the time they were
   * given.
   */
  setRules(rules: ProxyRules): void {
    this.#rules = rules;
    this.#freeAt = 0;
    this.#pump();
  }

  /** Forgets everything and does nothing more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#events.buffered(-this.#bytes);
    this.#chunks.length = 0;
    this.#bytes = 0;
  }

  #take(bytes: Buffer): void {
    if (this.#stopped) return;
    const { delayMs = 0, jitterMs = 0 } = this.#rules;
    const delay = delayMs + (jitterMs > 0 ? this.#random.next() * jitterMs : 0);
    // TCP keeps order: nothing may arrive before what was sent earlier.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + delay);
    this.#chunks.push({ bytes, dueAt: this.#lastDue });
    this.#bytes += bytes.byteLength;
    this.#events.buffered(bytes.byteLength);
    this.#pump();
  }

  #senderIs(state: "ended" | "closed" | "reset"): void {
    // A close follows an error or an end, and tells nothing new after them.
    if (this.#sender === "reset" || (this.#sender === "ended" && state === "closed")) return;
    this.#sender = state;
    this.#pump();
  }

  /** Passes on what may go now, and sees to it that it is called again for the rest. */
  #pump(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#steerReading();
    if (this.#rules.blackHole === true) return;
    if (this.#sender === "reset") {
      resetSocket(this.#to);
      return;
    }
    if (this.#to.destroyed) return;
    let head = this.#chunks[0];
    while (head !== undefined) {
      if (this.#to.writableNeedDrain) return;
      const wait = Math.max(head.dueAt, this.#freeAt) - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), wait);
        return;
      }
      this.#pass(head, this.#pieceSize(head.bytes.byteLength));
      if (this.#rules.slice !== undefined && this.#chunks.length > 0) {
        // The next piece goes out in a turn of its own, or the kernel would join them again.
        this.#immediate = setImmediate(() => this.#pump());
        return;
      }
      head = this.#chunks[0];
    }
    if (this.#sender === "open" || this.#passedEnd) return;
    this.#passedEnd = true;
    this.#to.end();
  }

  #pieceSize(available: number): number {
    const { slice, bytesPerSecond } = this.#rules;
    const sliced =
      slice === undefined ? available : this.#random.between(slice.minBytes, slice.maxBytes);
    const throttled =
      bytesPerSecond === undefined
        ? available
        : Math.max(1, Math.floor((bytesPerSecond * THROTTLE_PIECE_MS) / 1_000));
    return Math.min(available, sliced, throttled);
  }

  #pass(head: Chunk, size: number): void {
    const piece = head.bytes.subarray(0, size);
    if (size === head.bytes.byteLength) this.#chunks.shift();
    else this.#chunks[0] = { bytes: head.bytes.subarray(size), dueAt: head.dueAt };
    this.#bytes -= size;
    const { bytesPerSecond } = this.#rules;
    if (bytesPerSecond !== undefined) {
      this.#freeAt = Math.max(performance.now(), this.#freeAt) + (size / bytesPerSecond) * 1_000;
    }
    this.#events.buffered(-size);
    this.#events.passed(size);
    this.#to.write(piece);
    this.#steerReading();
  }

  /**
   * Reads while there is room, and never in a black hole: an end or a reset of the sender goes
   * unseen, too.
   */
  #steerReading(): void {
    if (this.#sender !== "open") return;
    const reads = this.#rules.blackHole !== true && this.#bytes < this.#maxBytes;
    if (reads) this.#from.resume();
    else this.#from.pause();
  }
}
