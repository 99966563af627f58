import type { CancelSignal, ReadableOptions, WsSource } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { MAX_BATCH, takeMany } from "./batches.js";
import { cancelled, onAbort } from "./cancelled.js";

/** Where a {@link ReadHalf} takes its frames from. */
export interface FrameStore<F> {
  /** Removes and returns the oldest frame. */
  shift(): F | undefined;
  /**
   * Removes and returns the oldest frames, at most `max`. Optional, for stores that tell a batch
   * from single frames.
   */
  shiftMany?(max: number): readonly F[];
  /** The reader has done with a frame that it had borrowed. Optional, for stores that lend. */
  takeBack?(frame: F): void;
  readonly size: number;
  /** Notes in an error of ours whose it is. Optional: without it the error says nothing of that. */
  attributed?(error: WsError): WsError;
}

interface Waiter {
  readonly resolve: (more: boolean) => void;
  readonly reject: (reason: unknown) => void;
  readonly release: (() => void) | undefined;
}

/** How a source ended: cleanly, or with the error that its reader must see. */
type End = { readonly error: WsError | undefined };

/**
 * The reading side of a queue: one reader, who waits without polling. It is the whole of `WsSource`
 * over any store, for leaves and for the receive buffer alike. The writing side stores a frame and
 * calls `wake()`, or `end()` once.
 */
export class ReadHalf<F> implements WsSource<F> {
  readonly #store: FrameStore<F>;
  #waiter: Waiter | undefined;
  #end: End | undefined;
  #lent: F | undefined = undefined;
  #iterating = false;

  constructor(store: FrameStore<F>) {
    this.#store = store;
  }

  take(): F | undefined {
    if (this.#iterating) throw this.#busy("a for await loop holds it");
    if (this.#lent !== undefined) this.#takeBack(this.#lent);
    return this.#store.shift();
  }

  borrow(): F | undefined {
    const frame = this.take();
    this.#lent = frame;
    return frame;
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    if (this.#iterating) return Promise.reject(this.#busy("a for await loop holds it"));
    if (this.#lent !== undefined) this.#takeBack(this.#lent);
    return this.#readable(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<F, undefined> {
    return this.#iterate(() => this.#store.shift());
  }

  batches(): AsyncIterable<readonly F[]> {
    return { [Symbol.asyncIterator]: () => this.#iterate(() => this.#batch()) };
  }

  /**
   * There is a frame now, if there was none before.
   *
   * @returns whether a reader waited for it
   */
  wake(): boolean {
    const isAwaited = this.#waiter !== undefined && this.#store.size > 0;
    if (isAwaited) this.#settle(true);
    return isAwaited;
  }

  /** No frame will be stored any more; what is stored can still be read. The first call counts. */
  end(error?: WsError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    if (error === undefined || this.#store.size > 0) {
      this.#settle(this.#store.size > 0);
    } else {
      this.#waiter = undefined;
      waiter.release?.();
      waiter.reject(error);
    }
  }

  #iterate<T>(next: () => T | undefined): AsyncIterator<T, undefined> {
    if (this.#iterating) throw this.#busy("a for await loop holds it");
    if (this.#waiter !== undefined) throw this.#busy("a readable() waits on it");
    if (this.#lent !== undefined) this.#takeBack(this.#lent);
    this.#iterating = true;
    return new StoreIterator(
      next,
      () => this.#readable(),
      () => {
        this.#iterating = false;
        this.#settle(false);
      },
    );
  }

  #batch(): readonly F[] | undefined {
    const batch =
      this.#store.shiftMany?.(MAX_BATCH) ?? takeMany(() => this.#store.shift(), MAX_BATCH);
    return batch.length === 0 ? undefined : batch;
  }

  #takeBack(lent: F): void {
    this.#lent = undefined;
    this.#store.takeBack?.(lent);
  }

  #settle(more: boolean): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.release?.();
    waiter?.resolve(more);
  }

  #readable(options?: ReadableOptions): Promise<boolean> {
    const signal = options?.signal;
    if (signal?.aborted === true) return cancelled(signal);
    if (this.#waiter !== undefined)
      return Promise.reject(this.#busy("another readable() waits on it"));
    if (this.#store.size > 0) return Promise.resolve(true);
    if (this.#end !== undefined) {
      return this.#end.error === undefined
        ? Promise.resolve(false)
        : Promise.reject(this.#end.error);
    }
    return new Promise((resolve, reject) => {
      this.#waiter = {
        resolve,
        reject,
        release: signal && onAbort(signal, () => this.#giveUp(signal)),
      };
    });
  }

  #busy(why: string): WsError {
    const error = readerBusy(why);
    return this.#store.attributed?.(error) ?? error;
  }

  #giveUp({ reason }: CancelSignal): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.release?.();
    waiter?.reject(reason);
  }
}

/**
 * Written out rather than as an async generator: with frames at hand a step costs one resolved
 * promise, and `return()` takes effect at once, also while a step waits.
 */
class StoreIterator<T> implements AsyncIterator<T, undefined> {
  /** Takes a frame or a batch. */
  readonly #take: () => T | undefined;
  readonly #readable: () => Promise<boolean>;
  readonly #release: () => void;
  #done = false;

  constructor(take: () => T | undefined, readable: () => Promise<boolean>, release: () => void) {
    this.#take = take;
    this.#readable = readable;
    this.#release = release;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    const item = this.#take();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    return this.#wait();
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #wait(): Promise<IteratorResult<T, undefined>> {
    try {
      // Again when a step that did not wait took the frame first.
      while ((await this.#readable()) && !this.#done) {
        const item = this.#take();
        if (item !== undefined) return { done: false, value: item };
      }
    } catch (error) {
      // A step asked for while another one waits is refused; it does not end the loop that waits.
      if (!(isWsError(error) && error.code === "READER_BUSY")) this.#finish();
      throw error;
    }
    this.#finish();
    return { done: true, value: undefined };
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#release();
  }
}

function readerBusy(why: string): WsError {
  return new WsError({
    kind: "client",
    code: "READER_BUSY",
    message: `the source has one reader at a time: ${why}`,
  });
}
