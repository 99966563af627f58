import type { Writable } from "node:stream";
import { Linked, LinkedList } from "@oath-ws/resilience/leaf";

/** The most that a stream is given at a time while more waits. */
const PIECE_BYTES = 64 * 1024;

type Done = (error?: Error | null) => void;

/** Bytes that the stream was not given yet, and what to call when the last of them has left. */
class WaitingWrite extends Linked<WaitingWrite> {
  readonly done: Done | undefined;
  #rest: Uint8Array;

  constructor(bytes: Uint8Array, done: Done | undefined) {
    super();
    this.#rest = bytes;
    this.done = done;
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  take(room: number): Uint8Array {
    const piece = this.#rest.length <= room ? this.#rest : this.#rest.subarray(0, room);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

/**
 * Writes to a stream in pieces of at most 64 KiB, each after the last one's callback, so that a
 * large frame that moves slowly shows as progress in {@link bufferedBytes}. A stream that is given
 * all at once reports nothing before the last byte has left.
 *
 * What fits is written through at once: small frames pay one comparison.
 */
export class PacedWrites {
  readonly #stream: Writable;
  readonly #replaced: ((bytes: Uint8Array, done?: Done) => void) | undefined;
  /** Made with the first write that waits: most connections never have one. */
  #list: LinkedList<WaitingWrite> | undefined = undefined;
  #waitingBytes = 0;
  /** The stream has pieces whose callback continues. */
  #isPacing = false;
  #isEnding = false;

  /** @param replaced the stream's own `write`, where that was replaced by {@link write} */
  constructor(stream: Writable, replaced?: (bytes: Uint8Array, done?: Done) => void) {
    this.#stream = stream;
    this.#replaced = replaced;
  }

  /** Bytes that were written and that the operating system has not taken. */
  get bufferedBytes(): number {
    return this.#stream.writableLength + this.#waitingBytes;
  }

  /** @param done is called as by the stream's own `write`; never once the stream was destroyed */
  write(bytes: Uint8Array, done?: Done): void {
    if (!this.#isPacing && (this.#hasRoom(bytes) || (this.#flush() && this.#hasRoom(bytes)))) {
      this.#write(bytes, done);
      return;
    }
    this.#waiting.add(new WaitingWrite(bytes, done));
    this.#waitingBytes += bytes.length;
    if (!this.#isPacing) this.#next();
  }

  /** Ends the stream behind what waits. */
  end(): void {
    if (this.#isPacing) this.#isEnding = true;
    else this.#stream.end();
  }

  get #waiting(): LinkedList<WaitingWrite> {
    return (this.#list ??= new LinkedList());
  }

  #write(bytes: Uint8Array, done: Done | undefined): void {
    if (this.#replaced === undefined) this.#stream.write(bytes, done);
    else this.#replaced(bytes, done);
  }

  #hasRoom({ length }: Uint8Array): boolean {
    return this.#stream.writableLength + length <= PIECE_BYTES;
  }

  /**
   * Hands on what is corked. Returns whether the operating system took all of it: then nothing
   * waits, and there is no progress to watch.
   */
  #flush(): boolean {
    const stream = this.#stream;
    const corks = stream.writableCorked;
    for (let i = 0; i < corks; i++) stream.uncork();
    for (let i = 0; i < corks; i++) stream.cork();
    return stream.writableLength === 0;
  }

  /** Gives the stream the next piece: many small frames, a large one, or a part of one. */
  #next(): void {
    this.#isPacing = true;
    this.#stream.cork();
    this.#giveOne();
    this.#stream.uncork();
  }

  #giveOne(): void {
    let room = PIECE_BYTES;
    for (const waiting of this.#waiting) {
      const piece = waiting.take(room);
      room -= piece.length;
      this.#waitingBytes -= piece.length;
      const { done, isEmpty } = waiting;
      if (isEmpty) this.#waiting.delete(waiting);
      if (room > 0 && this.#waiting.size > 0) {
        this.#write(piece, done);
        continue;
      }
      this.#write(piece, (error) => {
        if (isEmpty) done?.(error);
        this.#left(error);
      });
      return;
    }
  }

  #left(error: Error | null | undefined): void {
    const hasFailed = error !== undefined && error !== null;
    if (hasFailed || this.#stream.destroyed) {
      this.#waitingBytes = 0;
      for (const waiting of this.#waiting) {
        this.#waiting.delete(waiting);
        if (hasFailed) waiting.done?.(error);
      }
    } else if (this.#waiting.size > 0) {
      this.#next();
    } else {
      this.#isPacing = false;
      if (this.#isEnding) this.#stream.end();
    }
  }
}
