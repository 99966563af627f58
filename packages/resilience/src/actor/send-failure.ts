import type { SendOptions, StackErrorCode } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { stampEpoch } from "../core/stamp-epoch.js";
import { asWsError } from "../primitives/as-ws-error.js";

/**
 * Codes that are kept, because they say of the frame what is known of it. Of the kinds `client` and
 * `throttled` all are: refusals.
 */
const ABOUT_THE_FRAME: ReadonlySet<string> = new Set<StackErrorCode>([
  "NOT_CONNECTED",
  "EPOCH_ENDED",
  "SEND_FATE_UNKNOWN",
  "SEND_FAILED",
]);

/** The epoch is over, and the frame certainly did not leave. */
export function epochEnded(epoch: number, why: string): WsError {
  return new WsError({
    kind: "connection",
    code: "EPOCH_ENDED",
    message: `epoch ${epoch}: the frame did not leave: ${why}`,
    epoch,
  });
}

/** A send that is pinned to another epoch than the current one; `undefined`: none is open. */
export function notInEpoch(pinned: number, current: number | undefined): WsError {
  const now = current === undefined ? "there is no connection" : `the current epoch is ${current}`;
  return epochEnded(pinned, `the send is pinned to that epoch, but ${now}`);
}

/**
 * The leaf had the frame, and the wait for its fate was ended.
 *
 * @param cause what ended it: the error of the connection, the deadline, or the signal's reason
 */
export function fateUnknown(epoch: number, why: string, cause?: unknown): WsError {
  const message = `epoch ${epoch}: whether the frame left is not known: ${why}`;
  return new WsError({ kind: "connection", code: "SEND_FATE_UNKNOWN", message, epoch, cause });
}

/**
 * What a caller is told of a frame that the leaf failed. Whether it may be sent again must show in
 * the code, whatever leaf is below: one that names what befell the connection (`ECONNRESET`,
 * `PEER_CLOSED`) says nothing of the frame.
 */
export function sendFailure(error: unknown, epoch: number): WsError {
  const failure = asWsError(error, {
    code: "SEND_FAILED",
    message: "the connection refused the frame",
  });
  const refused = failure.kind === "client" || failure.kind === "throttled";
  if (!refused && !ABOUT_THE_FRAME.has(failure.code)) {
    return fateUnknown(epoch, failure.message, failure);
  }
  stampEpoch(failure, epoch);
  if (failure.epoch === epoch) return failure;
  // Frozen, or shared with another connection.
  const { kind, code, message } = failure;
  return new WsError({ kind, code, message, epoch, cause: failure });
}

/** There is no connection, and the send does not want to wait for one. */
export function nothingOpen(): WsError {
  const message = "there is no connection to send on";
  return new WsError({ kind: "connection", code: "NOT_CONNECTED", message });
}

/** Too much is unsettled: `sends`, with `bytes` of payload. */
export function queueFull(sends: number, bytes: number): WsError {
  const limits = "send.maxPending, send.maxPendingBytes";
  const message = `${sends} sends (${bytes} bytes) are unsettled (${limits})`;
  return new WsError({ kind: "throttled", code: "SEND_QUEUE_FULL", message });
}

/** The deadline of a send passed. */
export function tooLate(): WsError {
  const message = "the frame could not leave in time (deadlineMs)";
  return new WsError({ kind: "timeout", code: "SEND_DEADLINE", message });
}

/** Names what is wrong with the options of a send, or gives `undefined`. */
export function optionsFault(options: SendOptions | undefined): string | undefined {
  const deadline = options?.deadlineMs;
  if (deadline === undefined || (Number.isFinite(deadline) && deadline > 0)) return undefined;
  return `deadlineMs must be a positive number of milliseconds, got ${String(deadline)}`;
}
