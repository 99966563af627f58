import type { StackErrorCode } from "@oath-ws/contract";
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

/** The leaf had the frame, and its word is missing. */
export function fateUnknown(epoch: number, why: string, cause?: WsError): WsError {
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
