import type { CancelSignal } from "./cancel-signal.js";
import type { ReceivedFrame } from "./frame.js";

/** Options of {@link WsSource.readable}. */
export interface ReadableOptions {
  /** Ends the wait; it then rejects with the signal's reason. The source stays usable. */
  readonly signal?: CancelSignal | undefined;
}

/**
 * The receiving half. One consumer at a time: while a `for await` runs, or a `readable()` waits, a
 * second reader is refused with a `READER_BUSY` error (ADR-0032).
 *
 * Three ways to read. `for await (const frame of source)` is the simple one; leaving the loop with
 * `break` releases the source and leaves the connection alone. The fast one takes everything that
 * is there before it waits:
 *
 * ```ts
 * while (await source.readable()) {
 *   for (let frame = source.take(); frame !== undefined; frame = source.take()) handle(frame);
 * }
 * ```
 *
 * {@link batches} does the same in a loop of its own, for a reader that handles many at once.
 */
export interface WsSource<F> extends AsyncIterable<F> {
  /**
   * The oldest waiting frame, or `undefined` when none waits. Never blocks; `undefined` does not
   * mean the end: ask {@link readable}. Throws `READER_BUSY` while a loop holds the source.
   */
  take(): F | undefined;
  /**
   * Resolves `true` once a frame can be taken and `false` once the source has ended and is empty.
   * Rejects with the `WsError` that ended the source (after every frame that came before it was
   * taken), with the signal's reason when cancelled, or with `READER_BUSY` when another reader
   * waits.
   */
  readable(options?: ReadableOptions): Promise<boolean>;
  /**
   * Iterates over batches: each one holds everything that waits when the loop comes back for more,
   * at least one frame and at most 1 024, oldest first. The array belongs to the caller. Reading
   * this way holds the source as a `for await` over frames does: a second reader gets
   * `READER_BUSY`, and leaving the loop releases the source. Until the loop comes back the *oldest*
   * frame of the batch counts for `Lifecycle.isFresh`.
   */
  batches(): AsyncIterable<readonly F[]>;
}

/** The source of a connection: frames can also be borrowed from it. */
export interface FrameSource extends WsSource<ReceivedFrame> {
  /**
   * Like `take()`, but the frame is only lent: it is valid until the next call of any method of
   * this source, which takes it back. The memory of a large payload is then used for a later
   * message, so that a reader of large frames costs no new memory for each. Opt-in, and the one
   * exception to "a frame never changes" (ADR-0059): take out of the frame what is needed, or call
   * `copy()`, before the next call.
   *
   * After that `data`, `text()` and `copy()` of the frame throw `FRAME_TAKEN_BACK`. A view that was
   * kept shows other bytes; over Node's direct transport it is empty (detached) instead unless
   * `NODE_ENV` is `production`, so that a mistake shows in development. Only payloads of more than
   * 4 KiB are lent there. A source that has nothing to lend does what `take()` does.
   */
  borrow(): ReceivedFrame | undefined;
}
