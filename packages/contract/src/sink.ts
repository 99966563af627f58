import type { CancelSignal } from "./cancel-signal.js";
import type { Frame } from "./frame.js";

/** Options of {@link WsSink.send}. */
export interface SendOptions {
  /**
   * Gives the send up. One that has not left yet (it waits for the rate limit, or for a connection)
   * rejects with the signal's reason. One that was handed over cannot be called back: it rejects
   * with `SEND_FATE_UNKNOWN`, the signal's reason being the `cause`. Many sends may share one
   * signal.
   */
  readonly signal?: CancelSignal | undefined;
  /**
   * What to do when there is no connection. `"reject"` (the default) fails at once with
   * `NOT_CONNECTED`, or `EPOCH_ENDED` while a return to the first endpoint is under way. `"wait"`
   * keeps the frame for the next epoch, bounded by `send.maxPending`, `send.maxPendingBytes` and
   * {@link deadlineMs}. A waiting frame leaves after the lifecycle listeners of the new epoch have
   * run, so a login can go first.
   */
  readonly whileDown?: "reject" | "wait" | undefined;
  /**
   * How long the whole send may take, in milliseconds, sleep of the machine included. It then
   * rejects: with `SEND_DEADLINE` if the frame was not handed over (it certainly did not leave),
   * with `SEND_FATE_UNKNOWN` and that as the `cause` if it was. Default: none for a send that is
   * made while there is a connection, 10 000 for one that waits for a connection.
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Send in this epoch or not at all: rejects with `EPOCH_ENDED`, `epoch` being this one, when the
   * current epoch is another.
   */
  readonly epoch?: number | undefined;
}

/** Is told, once, what became of a frame; see `LeafConnection.send`. Neither method may throw. */
export interface SendOutcome {
  /** It was handed to the operating system. */
  sent(): void;
  /** It was not, as far as is known. `error` is what `send()` would have rejected with. */
  failed(error: unknown): void;
}

/**
 * The sending half: one call per frame, settled when that frame's fate is known. Frames leave in
 * the order of the calls, with one exception: sends that wait for a connection
 * (`whileDown: "wait"`) are overtaken by those that are made in the first moment of the new epoch,
 * in lifecycle listeners for instance. Order is kept within each of the two groups.
 */
export interface WsSink {
  /**
   * Sends one frame: a string as text, a bare `Uint8Array` as binary, or a {@link Frame}. Resolves
   * when the frame has been handed to the operating system, which does not mean that the peer has
   * it. Rejects with a `WsError` when it was not; the caller decides whether to send again, the
   * transport never does. Two codes stand for a connection that ended first:
   *
   * - `EPOCH_ENDED`: the frame certainly did not leave, and may be sent again
   * - `SEND_FATE_UNKNOWN`: it was handed to the socket, and it is not known whether it left.
   *   Reconcile before sending an order again
   *
   * Both carry `epoch`. When the connection returns to its first endpoint, its epoch is over as
   * soon as the old socket got the close frame: until `epoch` moves, 250 ms at most, a send rejects
   * with `EPOCH_ENDED` although the phase is up, or waits with `whileDown: "wait"`. The payload
   * must not be changed before the promise settles.
   */
  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void>;
  /**
   * Gives up this half; later sends reject with `SINK_CLOSED`. Resolves when the sends accepted so
   * far have settled. The connection stays up for the source until `control.shutdown()`, whose
   * close frame then carries `code` and `reason`.
   *
   * @param code 1000 (the default), 3000-4999, or 1005 for a close frame without a code
   * @param reason at most 123 bytes of UTF-8; empty with 1005
   */
  close(code?: number, reason?: string): Promise<void>;
}
