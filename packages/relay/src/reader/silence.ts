import type { WsError } from "@oath-ws/contract";
import { relayError } from "../engine/relay-error.js";

/** Why topics are not live while older messages are read. */
export const CATCHING_UP: WsError = relayError(
  "RELAY_SILENT",
  "The reader has not caught up with the relay yet.",
);

/** Why nothing is known of the venue's line although the engine can be reached. */
export function silent(): WsError {
  return relayError(
    "RELAY_SILENT",
    "No watermark came for two periods: the relay's owner is silent, or the way from it.",
  );
}

/** Why nothing is known of the venue's line while the engine is away. */
export function away(): WsError {
  return relayError("RELAY_UNREACHABLE", "The NATS server cannot be reached; it is tried again.");
}
