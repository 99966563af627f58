import type { CancelSignal, ReadableOptions, WsSource } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelled, onAbort } from "./cancelled.js";

/** Where a {@link ReadHalf} takes its frames from. */
export interface FrameStore<F> {
  /** Removes and returns the oldest frame. */
  shift(): F | undefined;
  readonly size: number;
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
  #iterating = false;

  constructor(store: FrameStore<F>) {
    this.#store = store;
  }

  take(): F | undefined {
    if (this.#iterating) throw readerBusy("a for await loop holds it");
    return this.#store.shift();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    if (this.#iterating) return Promise.reject(readerBusy("a for await loop holds it"));
    return this.#readable(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<F, undefined> {
    if (this.#iterating) throw readerBusy("a for await loop holds it");
    if (this.#waiter !== undefined) throw readerBusy("a readable() waits on it");
    this.#iterating = true;
    return new FrameIterator(
      this.#store,
      () => this.#readable(),
      () => {
        this.#iterating = false;
        this.#settle(false);
      },
    );
  }

  /** There is a frame now, if there was none before. */
  wake(): void {
    if (this.#waiter !== undefined && this.#store.size > 0) this.#settle(true);
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
      return Promise.reject(readerBusy("another readable() waits on it"));
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
class FrameIterator<F> implements AsyncIterator<F, undefined> {
  readonly #store: FrameStore<F>;
  readonly #readable: () => Promise<boolean>;
  readonly #release: () => void;
  #done = false;

  constructor(store: FrameStore<F>, readable: () => Promise<boolean>, release: () => void) {
    this.#store = store;
    this.#readable = readable;
    this.#release = release;
  }

  next(): Promise<IteratorResult<F, undefined>> {
    if (this.#done) return Promise.resolve({ done: true, value: undefined });
    const frame = this.#store.shift();
    if (frame !== undefined) return Promise.resolve({ done: false, value: frame });
    return this.#wait();
  }

  return(): Promise<IteratorResult<F, undefined>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #wait(): Promise<IteratorResult<F, undefined>> {
    try {
      // Again when a step that did not wait took the frame first.
      while ((await this.#readable()) && !this.#done) {
        const frame = this.#store.shift();
        if (frame !== undefined) return { done: false, value: frame };
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
