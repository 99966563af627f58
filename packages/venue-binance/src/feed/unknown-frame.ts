import { WsError } from "@oath-ws/contract";

/** The error for a frame, or a part of one, that nothing is known of. */
export function unknownFrame(what: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message: `the venue sent ${what}` });
}
