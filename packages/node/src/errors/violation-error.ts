import { WsError } from "@oath-ws/contract";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import type { ReceivedClose } from "../leaf/protocol-violation.js";
import { fromNodeError } from "./from-node-error.js";

/**
 * The error for a peer that broke the protocol. The code of a broken close frame is kept in
 * `close`: policies decide by it, whatever its reason text is.
 */
export function violationError(error: Error, received: ReceivedClose | undefined): WsError {
  const failure = fromNodeError(error, "the peer broke the protocol");
  if (received === undefined) return failure;
  const { kind, code, message } = failure;
  const close = { code: received.code, reason: decodeUtf8(received.reason) };
  return new WsError({ kind, code, message, close, cause: error });
}
